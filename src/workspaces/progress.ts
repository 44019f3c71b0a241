import { describeFailure } from './git.js';
import type { IssuePlace } from './issue-place.js';
import { deleteRef, isAncestor, readCommit } from './refs.js';
import type { Repository } from './repository.js';

/** What was kept of a workspace's uncommitted work: `tree` on top of `parent`, which was its HEAD. */
export interface Progress {
  commit: string;
  parent: string;
  tree: string;
  keptAt: Date;
}

/** Says whose it is: a repository may hold several projects, whose refs lie side by side. */
export function progressSubject(branch: string, prefix: string): string {
  return `work in progress on ${branch}${prefix === '' ? '' : ` (${prefix})`}`;
}

export async function readProgress(repository: Repository, ref: string): Promise<Progress | undefined> {
  const args = ['log', '-1', '--no-walk', '--format=%H %P %T %ct', '--end-of-options', ref, '--'];
  const { exitCode, stdout } = await repository.git.attempt(repository.projectDir, args);
  const [, commit, parent, tree, seconds] = /^(\w+) (\w+) (\w+) (\d+)$/.exec(stdout) ?? [];
  if (exitCode !== 0 || commit === undefined || parent === undefined || tree === undefined) return undefined;
  return { commit, parent, tree, keptAt: new Date(Number(seconds) * 1_000) };
}

/**
 * Where the branch of a workspace that is made again is to be: where HEAD was, if the branch is gone or behind that (commits on a
 * detached HEAD), else where it is.
 */
export async function chooseBranchCommit(
  repository: Repository,
  { parent }: Progress,
  branch: string | undefined,
): Promise<string> {
  return branch === undefined || (await isAncestor(repository, branch, parent)) ? parent : branch;
}

/** Nothing there is fine. */
export async function dropProgress(repository: Repository, ref: string): Promise<void> {
  const commit = await readCommit(repository, ref);
  if (commit !== undefined) await deleteRef(repository, ref, commit);
}

/**
 * Puts what was kept into a workspace that has just been made again, as changes that aren't committed. Where the branch has moved on
 * since, only what isn't on it.
 *
 * @returns a line for a person: that it was done, or that it conflicts and where it is
 */
export async function restoreProgress(repository: Repository, place: IssuePlace, progress: Progress): Promise<string> {
  const { git } = repository;
  const { folder } = place;
  const pick = ['cherry-pick', '--no-commit', '--allow-empty', progress.commit];
  const result = await git.attempt(folder, pick, { env: await repository.identity() });
  const kept = `the work kept at ${progress.keptAt.toISOString()}`;
  if (result.exitCode === 0) {
    await git.run(folder, ['reset', '--quiet']);
    return `the workspace was gone, and is made again with ${kept}`;
  }
  const unmerged = await git.run(folder, ['ls-files', '--unmerged']);
  await git.run(folder, ['reset', '--hard', '--quiet']);
  await git.run(folder, ['clean', '-d', '--force', '--quiet']);
  if (unmerged === '') throw describeFailure(folder, pick, result);
  return `the workspace was gone, and is made again; ${kept} conflicts with its branch, and is in commit ${progress.commit}`;
}
