import { rm } from 'node:fs/promises';
import { cleaningFolder } from '../workspaces/kept-works.js';
import { keptUntil } from './age.js';
import type { Findings, Leftover } from './leftover.js';
import { lookAtFolders } from './list-runs.js';

/** What before_remove said where it failed, or was killed, while leftovers were cleaned up: older than workspace.keep_runs_days. */
export async function findCleanings({ dir, config, now }: Findings): Promise<Leftover[]> {
  const days = config.workspace.keep_runs_days;
  const folders = await lookAtFolders(cleaningFolder(dir));
  return folders.flatMap(({ folder, running, usedAt }): Leftover[] => {
    const until = keptUntil(usedAt, days);
    if (until === undefined || until >= now() || running.length > 0) return [];
    const why = `not written to for ${days} days`;
    const clean = async (): Promise<string[]> => {
      await rm(folder, { recursive: true, force: true });
      return [`removed ${folder}: ${why}`];
    };
    return [{ kind: 'file', what: folder, why, plan: 'clean', how: 'is removed', clean }];
  });
}
