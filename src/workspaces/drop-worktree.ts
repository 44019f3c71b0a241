import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from '../files/file-lock.js';
import { EXIT, UserError } from '../errors.js';
import { hasCode } from '../processes/create-once.js';
import type { Repository } from './repository.js';
import { findWorktreeEntry } from './worktree-entry.js';
import { worktreesLock } from './worktrees-lock.js';

/**
 * Removes a worktree of garland's own, whatever state it is in: folder and git's entry for it. Nothing there is fine.
 * Other entries are left alone, also those whose folder is gone: it may be on a disk that isn't mounted.
 *
 * @throws UserError when a file can't be deleted
 */
export async function dropWorktree(repository: Repository, folder: string): Promise<void> {
  // The folder goes first: once git's entry is gone, nothing but garland's own record tells whose the folder is.
  await deleteFolder(folder);
  if ((await findWorktreeEntry(repository, folder)) === undefined) return;
  await withFileLock(worktreesLock(repository), async () => {
    // Twice --force: one for what isn't committed, one for a lock that git itself left when it was killed.
    await repository.git.run(repository.projectDir, ['worktree', 'remove', '--force', '--force', folder]);
  });
}

async function deleteFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'ENOTEMPTY')) throw describe(folder, error);
    try {
      await makeDeletable(folder);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    } catch (second) {
      throw describe(folder, second);
    }
  }
}

/** Go's module cache, for one, makes its folders read-only. */
async function makeDeletable(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder)) {
    const path = join(folder, entry);
    if ((await lstat(path)).isDirectory()) await makeDeletable(path);
  }
}

function describe(folder: string, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(`${folder}: the workspace can't be deleted (${reason}); delete it yourself`, EXIT.failed);
}
