import { resolve } from 'node:path';
import type { Config } from '../config/schema.js';
import { runGate, stopGate } from './gate.js';
import { runHook } from './hooks.js';
import { readStopRequest } from './rejection.js';
import type { CommandDeps } from './run-command.js';
import { describeWork } from './workspace-context.js';
import type { KeptWorks, WorkRef, Workspaces } from './workspaces.js';

/**
 * workspace.kind directory: agents work in the project's folder itself. Nothing is made, committed, landed or removed;
 * accepted means that the gate passed.
 */
export function createDirectoryWorkspaces(projectDir: string, config: Config, deps: CommandDeps): Workspaces {
  const folder = resolve(projectDir);
  const envOf = (work: WorkRef, env: Record<string, string>): Record<string, string> =>
    describeWork(work, folder, '', env);

  return {
    kind: 'directory',
    kept: NOTHING_KEPT,
    path: () => folder,
    prepareRun: async () => null,
    ensure: async () => ({ path: folder, baseBranch: '', notes: [] }),
    keepProgress: async () => [],
    pushProgress: async () => undefined,

    runHook: async (hook, work, env, directory, signal) => {
      await runHook(deps, config.hooks, hook, directory, { cwd: folder, env: envOf(work, env), signal });
    },

    verify: async (work, { directory, env, signal }) => {
      const stopped = readStopRequest(signal, directory);
      if (stopped) {
        await stopGate(directory, stopped.reason);
        return stopped;
      }
      const rejection = await runGate(deps, config.verify, { directory, cwd: folder, env: envOf(work, env), signal });
      return rejection ?? { accepted: true, landing: 'nothing', reason: 'the gate passed in the project folder' };
    },

    holds: async () => true,
    remove: async () => [],
  };
}

const NOTHING_KEPT: KeptWorks = {
  list: async () => [],
  isLanded: async () => true,
  remove: async () => [],
  shelve: async () => [],
  dropProgress: async () => undefined,
  dropBranch: async () => undefined,
  findDeadLanding: async () => undefined,
  dropDeadLanding: async () => undefined,
};
