import { EXIT, type ExitCode } from '../errors.js';
import type { RunResult } from '../contract/run.js';
import { exitCodeOf } from './exit-code.js';
import { followRun } from './follow-run.js';
import { watchInterruptions } from './interruptions.js';
import { oneLine } from './report-error.js';
import type { RunSession } from './run-session.js';
import type { Shell } from './shell.js';
import { stopRunAgents } from './stop-run-agents.js';
import { createTrouble } from './trouble.js';
import type { RunView } from './views/run-view.js';

export interface AccompanyOptions {
  session: RunSession;
  shell: Shell;
  view: RunView;
  projectDir: string;
  /** First run ID of the chain. */
  runId: string;
  /** Told how often Ctrl-C was pressed. */
  onInterrupt: (count: number) => void;
  showSummary: (result: RunResult) => Promise<void>;
}

/** Stays with a run until it has ended or its person has had enough of it, and returns the exit code. */
export async function accompanyRun(options: AccompanyOptions): Promise<ExitCode> {
  const { session, shell, view } = options;
  const leave = new AbortController();
  const unwatch = watchInterruptions({
    onInterrupt: (count) => void interrupt(count, options),
    onLeave: (signal) => leave.abort(new Left(signal)),
  });
  shell.onOutputClosed(() => leave.abort(new Left('closed output')));
  const onTrouble = createTrouble({ show: (line) => view.trouble(line), onLong: () => session.reconnect() });
  try {
    // Lines can come a little later than a picture moves; every look is work for server and worker.
    const interval = view.needsState === 'always' ? 250 : 500;
    const handle = () => session.handle();
    const result = await followRun({ handle, view, signal: leave.signal, onTrouble, interval });
    view.close();
    await Promise.all([options.showSummary(result), session.close()]);
    return exitCodeOf(result);
  } catch (error) {
    view.close();
    if (error instanceof Left) shell.err(`garland: ${error.message}; the run and its agents go on. ${howToGetBack}`);
    await session.close();
    if (error instanceof Left) return EXIT.interrupted;
    throw error;
  } finally {
    unwatch();
  }
}

class Left extends Error {}

const howToGetBack = '`garland run` takes it up again, `garland status` shows it, `garland abort` ends it';

async function interrupt(
  count: number,
  { session, view, projectDir, runId, onInterrupt }: AccompanyOptions,
): Promise<void> {
  onInterrupt(count);
  try {
    if (count === 1) {
      await session.handle().drain();
      view.note(`garland: ${await describeDrain(session)} Ctrl-C again stops the agents.`);
    } else if (count === 2) {
      view.note('garland: stopping the agents. Ctrl-C again kills them and leaves at once.');
      await session.handle().abort('interrupted');
    } else {
      await leaveAtOnce(view, projectDir, runId);
    }
  } catch (error) {
    const next = count === 1 ? 'Ctrl-C again stops the agents' : 'Ctrl-C again kills the agents and leaves';
    view.note(`garland: the run could not be told (${oneLine(error)}). ${next}.`);
  }
}

async function describeDrain(session: RunSession): Promise<string> {
  const active = await session
    .handle()
    .state()
    .then(
      (state) => state.active.length,
      () => undefined,
    );
  if (active === undefined) return 'nothing new starts; waiting for the agents at work.';
  return `nothing new starts; waiting for ${active} agent${active === 1 ? '' : 's'} at work.`;
}

async function leaveAtOnce(view: RunView, projectDir: string, runId: string): Promise<never> {
  view.close();
  await stopRunAgents(projectDir, runId);
  process.stderr.write(`garland: left at once, agents killed. ${howToGetBack}\n`);
  process.exit(EXIT.interrupted);
}
