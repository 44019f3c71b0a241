import { mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withFileLock } from '../files/file-lock.js';
import { EXIT, UserError } from '../errors.js';
import type { IssuePlace } from './issue-place.js';
import { chooseBranchCommit, restoreProgress, type Progress } from './progress.js';
import { isAncestor, moveBranch, readBranches } from './refs.js';
import type { Repository } from './repository.js';
import { worktreesLock } from './worktrees-lock.js';

/** @throws UserError when something that isn't an empty folder is there */
export async function checkFree(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new UserError(`${folder}: needed for a workspace, and in the way (${error.code}); move it away`);
  });
  if (entries.length > 0) {
    throw new UserError(
      `${folder}: needed for a workspace, but something is there that garland didn't make; move it away`,
    );
  }
}

/**
 * Makes the issue's worktree on its branch. A branch with work of its own is taken up as it is; otherwise it starts at
 * the integration branch. `progress`: what was kept of a workspace that is gone comes back, and the line that says so is returned.
 */
export async function makeWorktree(
  repository: Repository,
  place: IssuePlace,
  integration: string,
  { progress, signal }: { progress?: Progress; signal: AbortSignal },
): Promise<string[]> {
  const { git, projectDir } = repository;
  await startBranch(repository, place.branch, integration, progress);
  await mkdir(dirname(place.folder), { recursive: true }).catch((error: Error) => {
    throw new UserError(`${dirname(place.folder)}: could not be made (${error.message}); see workspace.root`);
  });
  await withFileLock(worktreesLock(repository), async () => {
    await git.run(projectDir, ['worktree', 'add', '--no-checkout', place.folder, place.branch]);
  });
  // Apart from registering it, because a large checkout takes its time and the others needn't wait.
  await git.run(place.folder, ['reset', '--hard', '--quiet'], { signal });
  return progress === undefined ? [] : [await restoreProgress(repository, place, progress)];
}

async function startBranch(
  repository: Repository,
  branch: string,
  integration: string,
  progress?: Progress,
): Promise<void> {
  const found = await readBranches(repository, [branch, integration]);
  const start = found.get(integration)?.commit;
  if (start === undefined) {
    throw new UserError(
      `the integration branch ${integration} is gone: start the run again, which makes it`,
      EXIT.failed,
    );
  }
  const existing = found.get(branch);
  if (existing?.checkedOutIn !== undefined) {
    throw new UserError(
      `${branch} is checked out in ${existing.checkedOutIn}: switch that folder to another branch, or remove it with 'git worktree remove'`,
    );
  }
  const from = existing?.commit;
  const to = progress
    ? await chooseBranchCommit(repository, progress, from)
    : await chooseStart(repository, start, from);
  if (to === from || (await moveBranch(repository, branch, to, from ?? '', 'new workspace'))) return;
  throw new UserError(`${branch} was moved by somebody else just now: try again`, EXIT.failed);
}

async function chooseStart(repository: Repository, integration: string, branch: string | undefined): Promise<string> {
  return branch === undefined || (await isAncestor(repository, branch, integration)) ? integration : branch;
}
