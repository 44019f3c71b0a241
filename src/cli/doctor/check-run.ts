import { EXIT, UserError } from '../../errors.js';
import type { RunDescription } from '../../temporal/run-handle.js';
import { connect, type Connected } from '../connect.js';
import { isServerMissing } from '../is-server-missing.js';
import type { Shell } from '../shell.js';
import { runCheck, type Check } from './check.js';

export interface RunFindings {
  checks: Check[];
  /** Rejects when there is no server to ask. */
  isRunGoingOn: (project: string, runId: string) => Promise<boolean>;
  close: () => Promise<void>;
}

/** Whether the server can be used, and whether the project's run, if it has one, has a worker. Starts nothing. */
export async function checkRun(projectName: string, projectDir: string, shell: Shell): Promise<RunFindings> {
  let connected: Connected | undefined;
  const server = await runCheck('server', async () => {
    if (await isServerMissing(shell)) return 'not started; `garland run` starts it';
    connected = await connect(shell, { start: false });
    return connected.server.connectionOptions.address;
  });
  const describe = describeOnce(connected);
  const run = await runCheck('run', async () => {
    if (connected === undefined) return 'none that can be told of without a server';
    return describeRun(await describe(projectName), projectDir);
  });
  return {
    checks: server.status === 'failed' ? [server] : [server, run],
    isRunGoingOn: async (name, runId) => {
      const found = await describe(name);
      return found !== undefined && found.running && found.runId === runId;
    },
    close: async () => connected?.client.close(),
  };
}

/** Each project is asked for once. */
function describeOnce(connected?: Connected): (project: string) => Promise<RunDescription | undefined> {
  const known = new Map<string, Promise<RunDescription | undefined>>();
  return (project) => {
    if (connected === undefined) return Promise.reject(new UserError('there is no server to ask', EXIT.failed));
    const found = known.get(project) ?? connected.client.handle(project).describe();
    known.set(project, found);
    return found;
  };
}

function describeRun(run: RunDescription | undefined, projectDir: string): string | { warning: string } {
  if (!run?.running) return 'none goes on';
  if (run.projectDir !== undefined && run.projectDir !== projectDir) {
    return {
      warning: `one of this name goes on in ${run.projectDir}; give one of the two another name (project: NAME)`,
    };
  }
  if (run.hasWorker) return `${run.runId} goes on, with a worker`;
  throw new UserError(
    `${run.runId} goes on, but no worker polls: \`garland run\` or \`garland worker\` goes on with it`,
  );
}
