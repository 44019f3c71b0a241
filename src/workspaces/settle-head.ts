import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { rejectWork, type Rejection } from './rejection.js';
import { isAncestor, moveBranch, readBranches, refOf } from './refs.js';
import { restoreWorktree } from './restore-worktree.js';
import type { WorkPlace } from './work-place.js';
import type { WorktreeStatus } from './worktree-status.js';

/**
 * Sees to it that the worktree is on the branch and that the branch has what the agent committed, also when it
 * committed on a detached HEAD or on a branch of its own. Rejected when that can't be told without guessing.
 */
export async function settleHead(place: WorkPlace, status: WorktreeStatus): Promise<Rejection | undefined> {
  const unfinished = findUnfinished(place, status);
  if (unfinished !== undefined) return reject(place, unfinished);
  if (status.commit === undefined) return reject(place, `the branch ${status.branch} has no commit`);
  if (status.branch === place.branch) return undefined;

  const { repository, branch } = place;
  const where = status.branch === undefined ? 'a detached HEAD' : `the branch ${status.branch}`;
  const commit = (await readBranches(repository, [branch])).get(branch)?.commit;
  if (commit === undefined || (await isAncestor(repository, commit, status.commit))) {
    if (commit !== status.commit) await moveBranch(repository, branch, status.commit, commit ?? '', `from ${where}`);
    await attachHead(place);
    return undefined;
  }
  const isDirty = status.changes.some(({ path }) => !place.ownPaths.has(path));
  if (!isDirty && (await isAncestor(repository, status.commit, commit))) {
    await attachHead(place);
    await restoreWorktree(place, commit);
    return undefined;
  }
  return reject(place, `it was left on ${where}, whose commits don't follow from ${branch}; commit to ${branch}`);
}

async function attachHead({ repository, folder, branch }: WorkPlace): Promise<void> {
  await repository.git.run(folder, ['symbolic-ref', '-m', 'garland: back to the branch', 'HEAD', refOf(branch)]);
}

/** A merge whose conflicts are resolved isn't listed: committing what is left finishes it. */
function findUnfinished({ entry }: WorkPlace, { changes }: WorktreeStatus): string | undefined {
  const operation = Object.entries(OPERATIONS).find(([file]) => existsSync(join(entry.gitDir, file)))?.[1];
  const unmerged = changes.filter(({ kind }) => kind === 'unmerged').map(({ path }) => path);
  if (unmerged.length > 0) {
    return `${operation ?? 'a merge'} was left with conflicts in ${unmerged.slice(0, 20).join(', ')}; resolve them and commit`;
  }
  if (operation !== undefined) return `${operation} was left unfinished; finish or abort it`;
  return undefined;
}

const OPERATIONS: Record<string, string> = {
  'rebase-merge': 'a rebase',
  'rebase-apply': 'a rebase',
  sequencer: 'a cherry-pick or revert',
};

const reject = (place: WorkPlace, what: string): Rejection =>
  rejectWork('workspace', `the workspace ${place.folder} can't be taken over: ${what}`);
