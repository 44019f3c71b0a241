import { existsSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from '../scene.js';
import type { Fault } from './fault.js';
import { killRuns } from './kills.js';

/** How long to wait for such a moment, in milliseconds. */
const PATIENCE = 10_000;

export const killAtTrackerWrite: Fault = {
  description: 'the worker is killed while it writes to the tracker, or right after: its answer is lost',
  weight: 8,
  about: 'garland',
  inject: (scene, { pick }) => killWhen(scene, join(scene.project.dir, '.beads'), /issues\.jsonl/, pick),
};

export const killAtLanding: Fault = {
  description: 'the worker is killed while it moves the integration branch, or right after',
  weight: 8,
  about: 'garland',
  fits: ({ kind }) => kind === 'worktree',
  inject: (scene, { pick }) =>
    killWhen(scene, join(scene.project.dir, '.git', 'refs', 'heads', 'garland'), /^integration/, pick),
};

export const killAtStart: Fault = {
  description: "the worker is killed while it starts an agent: its folder, its record, its process's link",
  weight: 8,
  about: 'garland',
  inject: async (scene, { pick }) => killWhen(scene, join(scene.project.dir, '.garland', 'runs'), /./, pick),
};

/** Some at once, some up to 30 ms later. */
async function killWhen(scene: Scene, folder: string, name: RegExp, pick: number): Promise<string | undefined> {
  const until = performance.now() + PATIENCE;
  while (!existsSync(folder)) {
    if (performance.now() > until) return 'nothing there yet';
    await sleep(5);
  }
  if (!(await happens(folder, name))) return 'it did not come';
  const delay = pick < 0.4 ? 0 : (pick - 0.4) * 50;
  if (delay > 0) await sleep(delay);
  return killRuns(scene);
}

async function happens(folder: string, name: RegExp): Promise<boolean> {
  let watcher: FSWatcher | undefined;
  try {
    return await new Promise<boolean>((resolve) => {
      watcher = watch(folder, { recursive: true }, (_, changed) => {
        if (changed !== null && name.test(changed)) resolve(true);
      });
      watcher.on('error', () => resolve(false));
      setTimeout(() => resolve(false), PATIENCE).unref();
    });
  } catch {
    // Another fault has taken the folder away.
    return false;
  } finally {
    watcher?.close();
  }
}
