import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, type ExitCode } from '../errors.js';
import { connect } from './connect.js';
import { watchInterruptions } from './interruptions.js';
import type { ProjectOptions } from './options.js';
import { findProjectName } from './project-name.js';
import { openRunSession, type RunSession } from './run-session.js';
import type { Shell } from './shell.js';
import { createTrouble } from './trouble.js';

/** `garland worker`: does the work of the project's runs until a signal ends it. */
export async function workForProject(options: ProjectOptions, shell: Shell): Promise<ExitCode> {
  const project = await findProjectName(options, shell);
  const say = (line: string): void => shell.out(`${new Date().toTimeString().slice(0, 8)} ${line}`);
  const connected = await connect(shell, { start: true });
  const session = await openRunSession({ project, connected, shell, onProblem: say, onLog: say });
  const stop = new AbortController();
  const unwatch = watchInterruptions({ onInterrupt: () => stop.abort(), onLeave: () => stop.abort() });
  shell.onOutputClosed(() => stop.abort());
  say(`worker of ${project} at ${connected.server.connectionOptions.address}; SIGTERM or Ctrl-C ends it, agents go on`);
  await tellUntil(stop.signal, session, say);
  unwatch();
  say('ending: what runs is left to the next worker');
  await session.close();
  return EXIT.ok;
}

/** Says what is going on when it has changed, and now and then that the worker is alive. */
async function tellUntil(signal: AbortSignal, session: RunSession, say: (line: string) => void): Promise<void> {
  let said = '';
  let saidAt = 0;
  const tell = (line: string): void => {
    if (line === said && Date.now() - saidAt < repeatAfter) return;
    say(line);
    [said, saidAt] = [line, Date.now()];
  };
  const onTrouble = createTrouble({ show: (line) => line && tell(line), onLong: () => session.reconnect() });
  while (!signal.aborted) {
    try {
      tell(await describeRun(session));
      onTrouble(undefined);
    } catch (error) {
      onTrouble(error);
    }
    await sleep(lookInterval, undefined, { signal }).catch(() => {});
  }
}

async function describeRun(session: RunSession): Promise<string> {
  const described = await session.handle().describe();
  if (!described?.running) return 'no run is going on; waiting for one';
  const { active, succeeded, failed, ready } = await session.handle().state();
  return `${active.length} active, ${ready.length} ready, ${succeeded.length} done, ${failed.length} failed`;
}

const lookInterval = 2000;
const repeatAfter = 60_000;
