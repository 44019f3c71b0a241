import { describeDifferences } from '../../config/run-request.js';
import type { CompleteRunInput } from '../../config/run-input.js';
import { EXIT, UserError, type ExitCode } from '../../errors.js';
import { accompanyRun } from '../accompany-run.js';
import { connect, webUrlOfRun, type Connected } from '../connect.js';
import { printDryRun } from '../dry-run.js';
import { watchInterruptions } from '../interruptions.js';
import type { AddCommand } from '../main.js';
import { openWantedRun, type WantedRun } from '../open-run.js';
import { addStartOptions, type StartOptions } from '../options.js';
import { printSummary } from '../print-summary.js';
import { openRunSession } from '../run-session.js';
import type { Shell } from '../shell.js';
import { chooseView, showPathFrom } from '../views/choose-view.js';
import { timeRun } from '../views/time-run.js';

export const addRun: AddCommand = (program, shell, finish) => {
  addStartOptions(program.command('run'))
    .description('run agents until nothing is ready: server, worker, run, live view, summary')
    .action(async (options: StartOptions) => finish(await run(options, shell)));
};

async function run(options: StartOptions, shell: Shell): Promise<ExitCode> {
  const wanted = await openWantedRun(options, shell);
  if (options.dryRun) {
    printDryRun(wanted, options, shell);
    return EXIT.ok;
  }
  const unwatch = leaveWhenInterrupted(shell);
  const connected = await connect(shell, { start: true });
  const input = wanted.toInput(connected.server.webUrl);
  const { runId } = await startOrJoin(connected, wanted, input, shell);
  unwatch();
  return stayWith(runId, connected, wanted, options, shell);
}

/** Until the run is there, there is nothing to drain. */
function leaveWhenInterrupted({ err }: Shell): () => void {
  const leave = (): never => {
    err('garland: interrupted; no run was started');
    process.exit(EXIT.interrupted);
  };
  return watchInterruptions({ onInterrupt: leave, onLeave: leave });
}

export async function startOrJoin(
  { client }: Connected,
  { project }: WantedRun,
  input: CompleteRunInput,
  { err }: Shell,
): Promise<{ runId: string; started: boolean; hasWorker: boolean }> {
  const { handle, started } = await client.start(project.name, input);
  const described = await handle.describe();
  if (!described)
    throw new UserError(`the run of ${project.name} is not on the server any more; try again`, EXIT.failed);
  if (!started) {
    err(`garland: a run of ${project.name} is going on since ${described.startedAt.toLocaleString()}: joining it`);
    const differences = described.input ? describeDifferences(described.input, input) : [];
    for (const line of differences) err(`garland: it keeps its own options; ${line}`);
  }
  return { runId: described.runId, started, hasWorker: described.hasWorker };
}

async function stayWith(
  runId: string,
  connected: Connected,
  { project }: WantedRun,
  { json = false }: StartOptions,
  shell: Shell,
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
