import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFailure } from './git.js';
import type { Repository } from './repository.js';

export const refOf = (branch: string): string => `refs/heads/${branch}`;
/** An issue's branch is this and its safe name. */
export const ISSUE_BRANCHES = 'garland/issue/';

/** Where uncommitted work is kept. No branch: nothing lists it, checks it out or pushes it by itself. */
export const PROGRESS_REFS = 'refs/garland/wip/';

export interface Branch {
  commit: string;
  /** The worktree in which it is checked out. */
  checkedOutIn?: string;
}

/** The local branches of these names that exist, in one call. */
export async function readBranches(repository: Repository, names: string[]): Promise<Map<string, Branch>> {
  const format = '--format=%(refname)%00%(objectname)%00%(worktreepath)';
  const refs = names.map(refOf);
  const output = await repository.git.run(repository.projectDir, ['for-each-ref', format, ...refs]);
  const found = new Map<string, Branch>();
  for (const line of output.split('\n')) {
    const [ref = '', commit = '', path] = line.split('\0');
    // A name is also taken as a folder of refs.
    const name = names[refs.indexOf(ref)];
    if (name !== undefined) found.set(name, { commit, ...(path && { checkedOutIn: path }) });
  }
  return found;
}

/**
 * Compare-and-swap: false when the branch isn't at `from` (any more). An empty `from`: the branch must not exist. Says
 * nothing to worktrees in which it is checked out.
 */
export async function moveBranch(
  repository: Repository,
  branch: string,
  to: string,
  from: string,
  reason: string,
): Promise<boolean> {
  return moveRef(repository, refOf(branch), to, from, reason);
}

/** The same for any ref, by its whole name. */
export async function moveRef(
  repository: Repository,
  ref: string,
  to: string,
  from: string,
  reason: string,
): Promise<boolean> {
  const args = ['update-ref', '--no-deref', '--create-reflog', '-m', `garland: ${reason}`, ref, to, from];
  let result = await repository.git.attempt(repository.projectDir, args);
  if (result.exitCode !== 0 && (await removeStaleRefLock(repository, ref))) {
    result = await repository.git.attempt(repository.projectDir, args);
  }
  if (result.exitCode === 0) return true;
  if (((await readCommit(repository, ref)) ?? '') !== from) return false;
  throw describeFailure(repository.projectDir, args, result);
}

/** The commit that a ref, or any other name of a commit, leads to. */
export async function readCommit(repository: Repository, name: string): Promise<string | undefined> {
  const args = ['rev-parse', '--quiet', '--verify', '--end-of-options', `${name}^{commit}`];
  const { exitCode, stdout } = await repository.git.attempt(repository.projectDir, args);
  return exitCode === 0 ? stdout : undefined;
}

/** Doesn't look whether it is checked out. True when it is gone, false when it isn't at `at`. */
export async function deleteBranch(repository: Repository, branch: string, at: string): Promise<boolean> {
  return deleteRef(repository, refOf(branch), at);
}

/** True when it is gone, false when it isn't at `at`. */
export async function deleteRef(repository: Repository, ref: string, at: string): Promise<boolean> {
  const result = await repository.git.attempt(repository.projectDir, ['update-ref', '-d', ref, at]);
  return result.exitCode === 0;
}

/** False as well when the first commit doesn't exist. */
export async function isAncestor(repository: Repository, ancestor: string, descendant: string): Promise<boolean> {
  if (ancestor === descendant) return true;
  const args = ['merge-base', '--is-ancestor', ancestor, descendant];
  const result = await repository.git.attempt(repository.projectDir, args);
  if (result.exitCode > 1 && !/not a valid (commit|object)/i.test(result.stderr)) {
    throw describeFailure(repository.projectDir, args, result);
  }
  return result.exitCode === 0;
}

/** Git holds a ref's lock for milliseconds; one that is this old was left by a git that was killed. */
const STALE_MS = 10_000;

async function removeStaleRefLock({ commonDir }: Repository, ref: string): Promise<boolean> {
  if (!ref.startsWith('refs/heads/garland/') && !ref.startsWith(PROGRESS_REFS)) return false;
  const lock = join(commonDir, `${ref}.lock`);
  const found = await stat(lock).catch(() => undefined);
  if (found === undefined || Date.now() - found.mtimeMs < STALE_MS) return false;
  await rm(lock, { force: true });
  return true;
}
