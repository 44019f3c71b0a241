import { existsSync } from 'node:fs';
import type { OwnPaths } from './own-paths.js';
import { readProgress } from './progress.js';
import { isAncestor, readCommit, refOf } from './refs.js';
import type { WorkspaceContext } from './workspace-context.js';
import { readWorkspaceRecord } from './workspace-record.js';
import { findWorktreeEntry, restoreLink } from './worktree-entry.js';
import { readStatus } from './worktree-status.js';

/**
 * Whether nothing would be lost with the workspace, and with what was kept of it when it is gone: no uncommitted changes, and all
 * commits on the integration branch. With land.strategy branch or pr, the issue's own branch is where work stays.
 */
export async function isWorkLanded(context: WorkspaceContext, ownPaths: OwnPaths): Promise<boolean> {
  const { repository, place, config } = context;
  const branch = await readCommit(repository, refOf(place.branch));
  const holder = config.land.strategy !== 'merge' && branch !== undefined ? place.branch : config.land.into;
  const holds = async (commit: string | undefined): Promise<boolean> =>
    commit === undefined || isAncestor(repository, commit, refOf(holder));

  if (!(await holds(branch))) return false;
  const record = await readWorkspaceRecord(place.recordFile);
  const folder = record?.folder ?? place.folder;
  const entry = await findWorktreeEntry(repository, folder);
  if (record?.state === 'ready' && entry !== undefined && existsSync(folder)) {
    await restoreLink(folder, entry);
    const { changes, commit } = await readStatus(repository, folder);
    return changes.every(({ path }) => ownPaths.has(path)) && (await holds(commit));
  }
  const progress = await readProgress(repository, place.progressRef);
  if (progress === undefined) return true;
  const isClean = (await readTree(context, progress.parent)) === progress.tree;
  return isClean && (await holds(progress.parent));
}

function readTree({ repository: { git, projectDir } }: WorkspaceContext, commit: string): Promise<string> {
  return git.run(projectDir, ['rev-parse', '--verify', `${commit}^{tree}`]);
}
