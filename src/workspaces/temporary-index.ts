import { randomUUID } from 'node:crypto';
import { copyFile, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../processes/create-once.js';
import { readIdentity } from '../processes/identity.js';
import type { Git, GitOptions } from './git.js';
import type { Repository } from './repository.js';
import type { WorktreeEntry } from './worktree-entry.js';

/**
 * An index of its own for looking at a worktree and for making trees of it: the worktree's own isn't touched, and its lock is in
 * nobody's way. Begins as a copy of that, because then git need not read files again that it knows. Every call of `use`'s
 * repository goes by it.
 */
export async function withTemporaryIndex<T>(
  repository: Repository,
  entry: WorktreeEntry,
  use: (repository: Repository) => Promise<T>,
): Promise<T> {
  await removeAbandoned(entry.gitDir);
  const index = join(entry.gitDir, `${PREFIX}${process.pid}-${randomUUID()}`);
  try {
    await copyIndex(join(entry.gitDir, 'index'), index);
    return await use({ ...repository, git: withIndex(repository.git, index) });
  } finally {
    await Promise.all([index, `${index}.lock`].map((file) => rm(file, { force: true })));
  }
}

const PREFIX = 'garland-index-';

async function copyIndex(from: string, to: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(from);
    await copyFile(from, to);
    // A file that is changed right after git looked at it is told by being as new as the index: the copy must not be newer.
    const wholeSeconds = Math.floor(mtimeMs / 1_000);
    await utimes(to, wholeSeconds, wholeSeconds);
  } catch (error) {
    // Before the first checkout there is none, and an empty one does.
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function withIndex(git: Git, index: string): Git {
  const add = (options?: GitOptions): GitOptions => ({
    ...options,
    env: { ...options?.env, GIT_INDEX_FILE: index },
  });
  return {
    run: (cwd, args, options) => git.run(cwd, args, add(options)),
    attempt: (cwd, args, options) => git.attempt(cwd, args, add(options)),
  };
}

/** What a killed garland left. */
async function removeAbandoned(gitDir: string): Promise<void> {
  for (const name of await readdir(gitDir)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && readIdentity(Number(pid)) === undefined) await rm(join(gitDir, name), { force: true });
  }
}
