import { setTimeout as sleep } from 'node:timers/promises';
import { kill } from '../../integration/harness/processes.js';
import { serverPid } from '../../integration/harness/server.js';
import { killRuns } from './kills.js';
import { findSoon, type Fault } from './fault.js';

/** Longer than the 8 s without a heartbeat after which the server gives an activity to another worker. Milliseconds. */
const PARTITION = 9_500;

export const terminateRun: Fault = {
  description: '`garland run` gets SIGTERM',
  weight: 6,
  about: 'garland',
  inject: async ({ keeper }) => {
    await findSoon(() => keeper.working()[0]);
    const runs = keeper.working();
    if (runs.length === 0) return 'no run';
    await Promise.all(runs.map((run) => run.kill('SIGTERM')));
    return undefined;
  },
};

export const secondRun: Fault = {
  description: 'a second `garland run` is typed while one is going on: two workers',
  weight: 4,
  about: 'garland',
  inject: async ({ keeper }) => {
    if (keeper.working().length !== 1) return 'not one run';
    keeper.start();
    return undefined;
  },
};

export const partition: Fault = {
  description:
    '`garland run` stands still (SIGSTOP) until the server has given its work to a second one, and goes on then: old and new attempt side by side',
  weight: 3,
  about: 'garland',
  inject: async ({ keeper }) => {
    const run = await findSoon(() => keeper.working()[0]);
    if (run === undefined) return 'no run';
    keeper.suspend(run);
    await sleep(PARTITION);
    keeper.resume(run);
    return undefined;
  },
};

export const pauseServer: Fault = {
  description: 'the server stands still (SIGSTOP) for up to 2 s',
  weight: 4,
  about: 'server',
  inject: async ({ project, repairs }, { length }) => {
    const pid = await findSoon(() => serverPid(project));
    if (pid === undefined) return 'no server yet';
    repairs.push(() => kill(pid, 'SIGCONT'));
    kill(pid, 'SIGSTOP');
    await sleep(length);
    kill(pid, 'SIGCONT');
    return undefined;
  },
};

export const abort: Fault = {
  description: '`garland abort`, and another `garland run` afterwards',
  weight: 5,
  about: 'garland',
  inject: async ({ project }) => {
    const { code } = await project.garland('abort').ended;
    return code === 0 ? undefined : `garland abort ended with ${code}`;
  },
};

export const killedAbort: Fault = {
  description: '`garland abort`, and all of garland is killed a moment after it was typed',
  weight: 4,
  about: 'garland',
  inject: async (scene, { length }) => {
    const aborting = scene.project.garland('abort');
    await sleep(length);
    await Promise.all([killRuns(scene), aborting.kill('SIGKILL')]);
    return undefined;
  },
};
