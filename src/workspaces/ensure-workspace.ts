import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT, UserError } from '../errors.js';
import { LeftRunning } from '../processes/job.js';
import { copyFiles, findCopies } from './copy-files.js';
import { deleteLandedBranch } from './delete-landed-branch.js';
import { dropWorktree } from './drop-worktree.js';
import { runAfterCreate } from './hooks.js';
import { checkFree, makeWorktree } from './make-worktree.js';
import { dropProgress, readProgress } from './progress.js';
import { removeStaleLocks } from './stale-locks.js';
import type { WorkspaceContext } from './workspace-context.js';
import {
  readWorkspaceRecord,
  removeWorkspaceRecord,
  writeWorkspaceRecord,
  type WorkspaceRecord,
} from './workspace-record.js';
import { findWorktreeEntry, readHeadBranch, restoreLink } from './worktree-entry.js';

export interface EnsureOptions {
  /** What after_create sees. */
  env: Record<string, string>;
  /** The attempt's folder. */
  directory: string;
  signal: AbortSignal;
}

/** How often a workspace is made anew when after_create vanishes with the machine. */
const MAX_TRIES = 3;

/**
 * Makes the workspace, or finds the kept one as it is. One that a crash left half made is made anew; one whose
 * after_create still runs is waited for; one that somebody deleted comes back with what was kept of it. For who holds the
 * workspace's lock.
 *
 * @returns what a person should be told, one line each
 */
export async function ensureWorkspace(context: WorkspaceContext, options: EnsureOptions): Promise<string[]> {
  const { place, repository } = context;
  const notes: string[] = [];
  const record = await readWorkspaceRecord(place.recordFile);
  checkRoot(record, context);
  if (record?.state === 'hook' && existsSync(place.folder)) {
    if (await cleanUpOnFailure(context, () => finishHook(context, record.job, options))) return [];
  } else if (await findKept(context, record)) {
    // Its age tells when it was used last.
    await utimes(place.recordFile, new Date(), new Date());
    return [];
  }
  // It was to go with all that it held.
  if (record?.state === 'removing') await dropProgress(repository, place.progressRef);
  for (let tries = 1; ; tries += 1) {
    if (await cleanUpOnFailure(context, () => create(context, options, notes))) return notes.slice(-1);
    if (tries === MAX_TRIES) {
      await discard(context);
      throw new UserError(`hooks.after_create vanished ${tries} times without an exit status`, EXIT.failed);
    }
  }
}

/** The workspace stays where it was made: its branch can be checked out in one place only. */
function checkRoot(record: WorkspaceRecord | undefined, { place }: WorkspaceContext): void {
  if (record === undefined || record.folder === place.folder || !existsSync(record.folder)) return;
  throw new UserError(
    `${record.folder}: the workspace was kept here, and workspace.root is another now; set it back to ${dirname(record.folder)}, or run 'git worktree remove' on it`,
  );
}

async function findKept({ repository, place }: WorkspaceContext, record?: WorkspaceRecord): Promise<boolean> {
  const entry = await findWorktreeEntry(repository, place.folder);
  const folderExists = existsSync(place.folder);
  if (record?.state === 'creating' || record?.state === 'removing' || record?.state === 'hook') return false;
  if (entry === undefined || !folderExists) {
    if (record?.state === 'ready' && folderExists) {
      throw new UserError(
        `${place.folder}: git no longer knows this workspace (its entry in ${join(repository.commonDir, 'worktrees')} is gone); move it away`,
      );
    }
    return false;
  }
  // Without a record it may be garland's own all the same, whose .garland folder was deleted.
  if (record === undefined && (await readHeadBranch(entry)) !== place.branch) {
    throw new UserError(
      `${place.folder}: needed for a workspace, but a worktree of another branch is there; move it away`,
    );
  }
  await restoreLink(place.folder, entry);
  await removeStaleLocks(place.folder, entry);
  if (record === undefined) await writeWorkspaceRecord(place.recordFile, { state: 'ready', folder: place.folder });
  return true;
}

/** False when after_create vanished: what it left is gone then. */
async function create(context: WorkspaceContext, options: EnsureOptions, notes: string[]): Promise<boolean> {
  const { repository, config, place } = context;
  const copies = await findCopies(repository, config.workspace.copy, dirname(place.folder));
  // What garland began to make is deleted; a folder without a record may be anyone's.
  if ((await readWorkspaceRecord(place.recordFile)) === undefined) await checkUnused(context);
  await writeWorkspaceRecord(place.recordFile, { state: 'creating', folder: place.folder });
  await dropWorktree(repository, place.folder);
  const progress = await readProgress(repository, place.progressRef);
  notes.push(...(await makeWorktree(repository, place, config.land.into, { progress, signal: options.signal })));
  await copyFiles(repository.projectDir, copies, place.path);
  if (config.hooks.after_create !== undefined) {
    const job = join(options.directory, `after-create-${randomUUID().slice(0, 8)}`);
    await writeWorkspaceRecord(place.recordFile, { state: 'hook', folder: place.folder, job });
    return finishHook(context, job, options);
  }
  await writeWorkspaceRecord(place.recordFile, { state: 'ready', folder: place.folder });
  return true;
}

async function checkUnused({ repository, place }: WorkspaceContext): Promise<void> {
  await checkFree(place.folder);
  const entry = await findWorktreeEntry(repository, place.folder);
  if (entry === undefined || (await readHeadBranch(entry)) === place.branch) return;
  throw new UserError(
    `${place.folder}: needed for a workspace, but git has another worktree there, whose folder is missing; run 'git worktree prune' if it is gone for good`,
  );
}

async function finishHook(context: WorkspaceContext, job: string, options: EnsureOptions): Promise<boolean> {
  const { place, deps, config } = context;
  const { env, signal } = options;
  if (!(await runAfterCreate(deps, config.hooks, job, { cwd: place.path, env, signal }))) return false;
  await writeWorkspaceRecord(place.recordFile, { state: 'ready', folder: place.folder });
  return true;
}

async function cleanUpOnFailure(context: WorkspaceContext, act: () => Promise<boolean>): Promise<boolean> {
  try {
    return await act();
  } catch (error) {
    // Whoever carries on attaches to the hook.
    if (!(error instanceof LeftRunning)) await discard(context).catch(() => undefined);
    throw error;
  }
}

/** Nothing is deleted that has no record: garland didn't make it. */
async function discard({ repository, place, config }: WorkspaceContext): Promise<void> {
  if ((await readWorkspaceRecord(place.recordFile)) === undefined) return;
  await dropWorktree(repository, place.folder);
  await deleteLandedBranch(repository, place.branch, config.land.into);
  await removeWorkspaceRecord(place.recordFile);
}
