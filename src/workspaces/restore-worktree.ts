import { moveBranch, readBranches, refOf } from './refs.js';
import { describeFailure } from './git.js';
import type { WorkPlace } from './work-place.js';
import { readStatus } from './worktree-status.js';

/**
 * Makes the worktree and branch what the commit is: what a gate's command left goes, ignored files and the
 * tracker's own files stay. Only for when everything of value is in the commit.
 */
export async function restoreWorktree(place: WorkPlace, commit: string): Promise<void> {
  const { repository, ownPaths, folder, branch } = place;
  const { git } = repository;
  const status = await readStatus(repository, folder);
  const isClean = status.changes.every(({ path, staged }) => ownPaths.has(path) && !staged);
  if (isClean && status.commit === commit && status.branch === branch) return;

  // Files that are as they should be keep their times, which builds go by.
  const restore = ['restore', '--source', commit, '--staged', '--worktree', '--', ...ownPaths.others];
  const result = await git.attempt(folder, restore);
  const nothingThere = /did not match any file/.test(result.stderr);
  if (result.exitCode !== 0 && !nothingThere) throw describeFailure(folder, restore, result);
  await resetOwnPaths(place, commit);
  await git.run(folder, ['clean', '-d', '--force', '--quiet', '--', ...ownPaths.others]);
  if (status.branch !== branch) {
    await git.run(folder, ['symbolic-ref', '-m', 'garland: back to the branch', 'HEAD', refOf(branch)]);
  }
  const now = (await readBranches(repository, [branch])).get(branch)?.commit ?? '';
  if (now !== commit) await moveBranch(repository, branch, commit, now, 'restored');
}

/** The index, not the files: nothing of the tracker's own is staged then. */
export async function resetOwnPaths({ repository, ownPaths, folder }: WorkPlace, commit: string): Promise<void> {
  if (ownPaths.paths.length === 0) return;
  await repository.git.run(folder, ['reset', '--quiet', commit, '--', ...ownPaths.only]);
}
