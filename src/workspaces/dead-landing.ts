import { existsSync } from 'node:fs';
import { readHolder } from '../files/lock-holder.js';
import { dropWorktree } from './drop-worktree.js';
import { landingLockOf, withLandingLock } from './landing-lock.js';
import type { Repository } from './repository.js';
import { scratchFolderOf } from './scratch-worktree.js';
import { findWorktreeEntry } from './worktree-entry.js';

/** The scratch worktree of a landing that was killed, or git's entry for it alone. Undefined while somebody lands. */
export async function findDeadLanding(repository: Repository): Promise<string | undefined> {
  const folder = scratchFolderOf(repository.projectDir);
  if (!existsSync(folder) && (await findWorktreeEntry(repository, folder)) === undefined) return undefined;
  const holder = await readHolder(landingLockOf(repository.projectDir));
  return holder === undefined || holder.dead ? folder : undefined;
}

/** For somebody who lands meanwhile, in milliseconds: they take it away themselves. */
const PATIENCE_MS = 1_000;

/** Under the lock, so that nobody is at work in it. */
export async function dropDeadLanding(repository: Repository): Promise<void> {
  const { projectDir } = repository;
  const drop = (): Promise<void> => dropWorktree(repository, scratchFolderOf(projectDir));
  await withLandingLock(projectDir, drop, AbortSignal.timeout(PATIENCE_MS));
}
