import { setTimeout as sleep } from 'node:timers/promises';
import { killAll, findJobProcesses, findProcessesNaming, kill } from '../../integration/harness/processes.js';
import { killServer, serverPid } from '../../integration/harness/server.js';
import { tellKilled } from '../../integration/harness/agent-log.js';
import type { Scene } from '../scene.js';
import { findSoon, pickOne, type Fault } from './fault.js';

export const killRun: Fault = {
  description: '`garland run`, and with it the worker, is killed (SIGKILL)',
  weight: 9,
  about: 'garland',
  inject: async (scene) => killRuns(scene),
};

export const killTheServer: Fault = {
  description: 'the Temporal server is killed',
  weight: 7,
  about: 'server',
  inject: async ({ project }) => {
    if ((await findSoon(() => serverPid(project))) === undefined) return 'no server yet';
    await killServer(project);
    return undefined;
  },
};

export const killBoth: Fault = {
  description: '`garland run` and the server are killed',
  weight: 4,
  about: 'garland',
  inject: async (scene) => {
    const nothing = await killRuns(scene);
    await killServer(scene.project);
    return nothing;
  },
};

export const killWorker: Fault = {
  description: 'a `garland worker` takes part beside `garland run` for up to 5 s, and is killed',
  weight: 5,
  about: 'worker',
  inject: async ({ project, keeper }, { length }) => {
    if (keeper.alive().length === 0) return 'no run';
    const worker = project.garland('worker');
    // The first second is what it needs to begin.
    await sleep(1000 + 2 * length);
    await worker.kill('SIGKILL');
    return undefined;
  },
};

export const killEverything: Fault = {
  description:
    'everything is killed at once, as when the machine dies: run, server, agents, their wrappers, gates, gits',
  weight: 5,
  about: 'garland',
  inject: async (scene) => {
    const { top } = scene.project;
    if (findProcessesNaming(top).length === 0) return 'nothing ran';
    scene.touchJobs();
    tellKilled(scene.project.log, await killAll(() => findProcessesNaming(top)));
    await Promise.all(scene.project.garlands.map(({ ended }) => ended));
    return undefined;
  },
};

export const killAgents: Fault = {
  description: 'all agents and gates are killed with their wrappers',
  weight: 5,
  about: 'agents',
  inject: async (scene) => {
    const { dir, log } = scene.project;
    if (!(await findSoon(() => findJobProcesses(dir)[0]))) return 'no agent ran';
    scene.touchJobs();
    tellKilled(log, await killAll(() => findJobProcesses(dir)));
    return undefined;
  },
};

export const killOneProcess: Fault = {
  description: 'one process of an agent or gate is killed: its wrapper, its shell, or what that has started',
  weight: 6,
  about: 'agents',
  inject: async (scene, { pick }) => {
    const { dir, log } = scene.project;
    const victim = await findSoon(() => pickOne(findJobProcesses(dir), pick));
    if (victim === undefined) return 'no agent ran';
    scene.touchJobs((pid) => pid === victim.pid);
    scene.tell(`kill ${victim.pid} ${victim.command.slice(0, 80)}`);
    kill(victim.pid, 'SIGKILL');
    tellKilled(log, new Set([victim.pid]));
    return undefined;
  },
};

export async function killRuns({ keeper }: Scene): Promise<string | undefined> {
  await findSoon(() => keeper.alive()[0]);
  const runs = keeper.alive();
  if (runs.length === 0) return 'no run';
  await Promise.all(runs.map((run) => run.kill('SIGKILL')));
  return undefined;
}
