import { existsSync } from 'node:fs';
import { deleteLandedBranch } from './delete-landed-branch.js';
import { dropWorktree } from './drop-worktree.js';
import { runHook } from './hooks.js';
import { dropProgress } from './progress.js';
import { unpushProgress } from './push-progress.js';
import type { WorkspaceContext } from './workspace-context.js';
import { readWorkspaceRecord, removeWorkspaceRecord, writeWorkspaceRecord } from './workspace-record.js';

/** before_remove. Its failure changes nothing, and is told: a line for a person. */
export function prepareRemoval(
  { deps, config, place }: WorkspaceContext,
  env: Record<string, string>,
  directory: string,
): () => Promise<string[]> {
  const { signal } = new AbortController();
  return () =>
    runHook(deps, config.hooks, 'before_remove', directory, { cwd: place.path, env, signal }).then(
      () => [],
      (error: Error) => [error.message],
    );
}

/**
 * Removes the workspace with all that isn't committed, also what was kept of that, and its branch once it has landed. Nothing
 * there is fine. For who holds the workspace's lock.
 *
 * @returns what a person should be told: beforeRemove's lines, and what is left of it elsewhere
 * @param beforeRemove run while the workspace is whole
 * @throws UserError when something can't be deleted; what is left of it goes the next time
 */
export async function removeWorkspace(
  context: WorkspaceContext,
  beforeRemove: () => Promise<string[]>,
): Promise<string[]> {
  const { repository, place, config } = context;
  const record = await readWorkspaceRecord(place.recordFile);
  if (record === undefined) return [];
  const told = record.state === 'ready' && existsSync(place.path) ? await beforeRemove() : [];
  await writeWorkspaceRecord(place.recordFile, { state: 'removing', folder: record.folder });
  await dropWorktree(repository, record.folder);
  await dropProgress(repository, place.progressRef);
  told.push(...(await unpush(context)));
  if (config.land.strategy === 'merge') await deleteLandedBranch(repository, place.branch, config.land.into);
  await removeWorkspaceRecord(place.recordFile);
  return told;
}

async function unpush({ repository, place, config }: WorkspaceContext): Promise<string[]> {
  try {
    await unpushProgress(repository, place, config.workspace.wip_push);
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [`${place.progressRef} is left at ${config.workspace.wip_push}: ${reason}`];
  }
}
