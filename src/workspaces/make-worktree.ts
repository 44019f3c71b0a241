import { mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withFileLock } from '../files/file-lock.js';
import { EXIT, UserError } from '../errors.js';
import type { IssuePlace } from './issue-place.js';
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
 * the integration branch.
 */
export async function makeWorktree(
  repository: Repository,
  place: IssuePlace,
  integration: string,
  signal: AbortSignal,
): Promise<void> {
  const { git, projectDir } = repository;
  await startBranch(repository, place.branch, integration);
  await mkdir(dirname(place.folder), { recursive: true }).catch((error: Error) => {
    throw new UserError(`${dirname(place.folder)}: could not be made (${error.message}); see workspace.root`);
  });
  await withFileLock(worktreesLock(repository), async () => {
    await git.run(projectDir, ['worktree', 'add', '--no-checkout', place.folder, place.branch]);
  });
  // Apart from registering it, because a large checkout takes its time and the others needn't wait.
  await git.run(place.folder, ['reset', '--hard', '--quiet'], { signal });
}

async function startBranch(repository: Repository, branch: string, integration: string): Promise<void> {
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
  const from = existing?.commit ?? '';
  if (from === start || (from !== '' && !(await isAncestor(repository, from, start)))) return;
  if (!(await moveBranch(repository, branch, start, from, 'new workspace'))) {
    throw new UserError(`${branch} was moved by somebody else just now: try again`, EXIT.failed);
  }
}
