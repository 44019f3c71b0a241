import { EXIT, type ExitCode } from '../errors.js';
import { accompanyRun } from './accompany-run.js';
import { webUrlOfRun } from './connect.js';
import { printDryRun } from './dry-run.js';
import { watchInterruptions } from './interruptions.js';
import { openWantedRun } from './open-run.js';
import type { StartOptions } from './options.js';
import { printSummary } from './print-summary.js';
import { openRunSession } from './run-session.js';
import type { Shell } from './shell.js';
import { startOrJoin, type PresentRun } from './start-or-join.js';
import { chooseView, showPathFrom } from './views/choose-view.js';
import { timeRun } from './views/time-run.js';

/**
 * `garland run`: starts the project's run or joins the one that is there, does its work, shows it, and returns the exit code.
 *
 * @throws UserError when it can't be started
 */
export async function runProject(options: StartOptions, shell: Shell): Promise<ExitCode> {
  if (options.dryRun) {
    await printDryRun(await openWantedRun(options, shell), options, shell);
    return EXIT.ok;
  }
  const startUp = watchStartUp(shell);
  const run = await startOrJoin(options, shell);
  startUp.started();
  return stayWith(run, options, shell, startUp);
}

interface StartUp {
  /** From now on the run is there, and goes on without this process. */
  started: () => void;
  over: () => void;
}

/** While there is no worker yet, there is nothing to drain: an interruption just ends the command. */
function watchStartUp({ err }: Shell): StartUp {
  let outcome = 'no run was started';
  const leave = (): never => {
    err(`garland: interrupted; ${outcome}`);
    process.exit(EXIT.interrupted);
  };
  const over = watchInterruptions({ onInterrupt: leave, onLeave: leave });
  return { over, started: () => void (outcome = 'the run is there and waits: `garland run` or `garland abort`') };
}

async function stayWith(
  { connected, project, runId }: PresentRun,
  { json = false }: StartOptions,
  shell: Shell,
  startUp: StartUp,
): Promise<ExitCode> {
  const { server, client } = connected;
  const webUrl = webUrlOfRun(server, client.handle(project.name).workflowId);
  let interrupts = 0;
  const hint = (): string => hints[Math.min(interrupts, hints.length - 1)] ?? '';
  const { view, elapsed } = timeRun(chooseView(shell, { json, webUrl, hint }));
  const onProblem = (line: string): void => view.note(`garland: ${line}`);
  const debug = Boolean(shell.env['GARLAND_DEBUG']);
  const onLog = (line: string): void => void (debug && view.note(`garland: worker: ${line}`));
  try {
    const session = await openRunSession({ project: project.name, connected, shell, onProblem, onLog });
    startUp.over();
    return await accompanyRun({
      session,
      shell,
      view,
      projectDir: project.dir,
      runId,
      onInterrupt: (count) => void (interrupts = count),
      showSummary: (result) =>
        printSummary({
          result,
          projectDir: project.dir,
          elapsed: elapsed(),
          webUrl,
          embedded: server.embedded,
          colors: shell.colors,
          showPath: (path) => showPathFrom(shell.cwd, path),
          print: json ? shell.err : shell.out,
        }),
    });
  } finally {
    view.close();
  }
}

/** By how often Ctrl-C was pressed. */
const hints = [
  'Ctrl-C: start nothing new and finish what runs',
  'Ctrl-C again: stop the agents',
  'Ctrl-C again: kill the agents and leave at once',
];
