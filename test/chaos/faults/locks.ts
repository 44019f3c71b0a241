import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFileLock } from '../../../src/files/file-lock.js';
import { readBootId, readIdentity } from '../../../src/processes/identity.js';
import { trackerLock } from '../../integration/harness/backlog.js';
import { findSoon, pickOne, type Fault } from './fault.js';
import { isWorktree, listNames } from './repository.js';

const about = 'repository';

export const indexLocked: Fault = {
  description: "a git that was killed has left its index.lock in an agent's workspace",
  weight: 5,
  about,
  fits: isWorktree,
  inject: async (scene, { pick }) => {
    const folder = join(scene.project.dir, '.git', 'worktrees');
    const id = await findSoon(() => pickOne(listNames(folder), pick));
    if (id === undefined) return 'no workspace';
    const lock = join(folder, id, 'index.lock');
    if (existsSync(lock)) return 'it is locked';
    scene.disturbed.add(id);
    scene.tell(`index.lock of ${id}`);
    writeFileSync(lock, '');
    scene.leftLocks.set(lock, '');
    return undefined;
  },
};

export const deadLock: Fault = {
  description: 'a lock of a process that is dead: its number is free, or another process has it now',
  weight: 6,
  about,
  inject: async (scene, { pick }) => {
    const { dir } = scene.project;
    const locks = join(dir, '.garland', 'locks');
    if (!(await findSoon(() => existsSync(locks)))) return 'nothing there yet';
    const names = [trackerLock(dir), join(locks, 'landing.lock'), join(locks, 'worktrees.lock')];
    const lock = pickOne(names, pick)!;
    // This process is alive; the dead one had its number before it.
    const isReused = Math.floor(pick * 1000) % 2 === 0;
    const holder = isReused
      ? { pid: process.pid, startTime: `${readIdentity(process.pid)?.startTime}0` }
      : { pid: 4_194_304 * 2, startTime: '1' };
    const content = JSON.stringify({ ...holder, bootId: readBootId(), token: randomUUID() });
    try {
      writeFileSync(lock, content, { flag: 'wx' });
    } catch {
      return 'it is held';
    }
    scene.tell(`dead lock ${lock}, ${isReused ? 'number taken' : 'number free'}`);
    scene.leftLocks.set(lock, content);
    return undefined;
  },
};

export const landingLocked: Fault = {
  description: 'the lock for landing is held for up to 2 s',
  weight: 4,
  about,
  fits: isWorktree,
  inject: async ({ project }, { length }) => {
    await withFileLock(join(project.dir, '.garland', 'locks', 'landing.lock'), () => sleep(length));
    return undefined;
  },
};
