import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from '../files/file-lock.js';
import { garlandDir } from '../files/user-dirs.js';
import { EXIT, UserError } from '../errors.js';
import { dropWorktree } from './drop-worktree.js';
import type { GitOptions, GitResult } from './git.js';
import type { Repository } from './repository.js';
import { findWorktreeEntry } from './worktree-entry.js';
import { worktreesLock } from './worktrees-lock.js';

export interface ScratchWorktree {
  folder: string;
  run(args: string[], options?: GitOptions): Promise<string>;
  attempt(args: string[], options?: GitOptions): Promise<GitResult>;
}

/**
 * A detached worktree at the commit, for merges and rebases: neither the user's checkout nor an issue's workspace is
 * touched when one fails. Only for who holds the landing lock, because there is one folder for it; what a crash left
 * there goes first. Only files at the top and those in conflict are written, so that it costs little in a large
 * repository too.
 */
export async function withScratchWorktree<T>(
  repository: Repository,
  commit: string,
  use: (worktree: ScratchWorktree) => Promise<T>,
): Promise<T> {
  const { git, projectDir } = repository;
  garlandDir(projectDir);
  const folder = scratchFolderOf(projectDir);
  await dropWorktree(repository, folder);
  try {
    await withFileLock(worktreesLock(repository), async () => {
      await git.run(projectDir, ['worktree', 'add', '--detach', '--no-checkout', folder, commit]);
    });
    await makeSparse(repository, folder);
    const worktree: ScratchWorktree = {
      folder,
      run: (args, options) => git.run(folder, [...SPARSE, ...args], options),
      attempt: (args, options) => git.attempt(folder, [...SPARSE, ...args], options),
    };
    await worktree.run(['read-tree', '-m', '-u', 'HEAD']);
    return await use(worktree);
  } finally {
    await dropWorktree(repository, folder);
  }
}

export const scratchFolderOf = (projectDir: string): string => join(projectDir, '.garland', 'landing');

/** Given with each call: `git sparse-checkout` would write to the user's configuration. */
const SPARSE = ['-c', 'core.sparseCheckout=true', '-c', 'core.sparseCheckoutCone=true'];

async function makeSparse(repository: Repository, folder: string): Promise<void> {
  const entry = await findWorktreeEntry(repository, folder);
  if (entry === undefined) throw new UserError(`${folder}: the worktree just made is gone`, EXIT.failed);
  await mkdir(join(entry.gitDir, 'info'), { recursive: true });
  await writeFile(join(entry.gitDir, 'info', 'sparse-checkout'), '/*\n!/*/\n');
}
