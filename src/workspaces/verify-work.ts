import { existsSync } from 'node:fs';
import type { Verdict } from '../contract/outcomes.js';
import { findBaseCommit } from './base-branch.js';
import { collectWork } from './collect-work.js';
import { runGate, stopGate } from './gate.js';
import { findLanding, landWork } from './landing.js';
import { findPush, pushWork } from './push-branch.js';
import { readLandingRecord, writeLandingRecord, type LandingRecord } from './landing-record.js';
import type { OwnPaths } from './own-paths.js';
import { readStoppedWait, readStopRequest, rejectWork, type Rejection } from './rejection.js';
import { restoreWorktree } from './restore-worktree.js';
import { removeStaleLocks } from './stale-locks.js';
import type { LandingPlace, WorkPlace } from './work-place.js';
import type { WorkspaceContext } from './workspace-context.js';
import { withWorkspaceLock } from './workspace-lock.js';
import type { VerifyOptions } from './workspaces.js';
import { findWorktreeEntry, restoreLink } from './worktree-entry.js';

/**
 * Commits what is left, requires a commit, runs the gate and lands. What each step found is written to the attempt's
 * folder before the next, so that a call after a crash goes on from there.
 */
export async function verifyWork(
  context: WorkspaceContext,
  ownPaths: OwnPaths,
  options: VerifyOptions,
): Promise<Verdict> {
  const { signal, directory } = options;
  if (signal.aborted) return settle(context, options);
  try {
    return await withWorkspaceLock(context, () => verifyAlone(context, ownPaths, options), signal);
  } catch (error) {
    const stopped = readStoppedWait(error, signal, directory);
    if (stopped) return stopped;
    throw error;
  }
}

/** Nothing is to be started or waited for: what runs is stopped, and what is done is told. */
async function settle(context: WorkspaceContext, options: VerifyOptions): Promise<Verdict> {
  const { directory, signal } = options;
  const stopped = readStopRequest(signal, directory) ?? rejectWork('aborted', 'stopped');
  await stopGate(directory, stopped.reason);
  return (await findDone(context, await readLandingRecord(directory))) ?? stopped;
}

async function verifyAlone(context: WorkspaceContext, ownPaths: OwnPaths, options: VerifyOptions): Promise<Verdict> {
  const { config, work } = context;
  const { directory, signal } = options;
  const known = await readLandingRecord(directory);
  const done = await findDone(context, known);
  if (done) return done;
  const place = await findWorkPlace(context, ownPaths);
  if (place === undefined) return rejectWork('workspace', `the workspace ${context.place.folder} is gone`);
  await removeStaleLocks(place.folder, place.entry);
  const record = known ? await resume(place, known) : await collect(context, place, directory);
  if ('accepted' in record) return record;
  if (!record.hasWork && !options.noChange && config.git.require_commit) {
    return rejectWork('no_commit', `${work.issueId}: the agent made no commit and left nothing to commit`);
  }

  const checkCommit = (commit: string): Promise<Rejection | undefined> => check(context, place, commit, options);
  const rejection = await checkCommit(record.head);
  if (rejection) return rejection;
  if (!record.hasWork) return { accepted: true, landing: 'nothing', reason: 'there was nothing to land' };
  switch (config.land.strategy) {
    case 'branch':
      return { accepted: true, landing: 'branch', commit: record.head, reason: `on the branch ${place.branch}` };
    case 'pr':
      return pushWork(place, { directory, record, signal, remote: config.land.remote });
    case 'merge':
      return landWork(place, { directory, record, signal, checkCommit });
  }
}

/** What landed before whoever did it died is found, also when the workspace has gone since. */
function findDone(context: WorkspaceContext, record: LandingRecord | undefined): Promise<Verdict | undefined> {
  const { land } = context.config;
  const place = landingPlaceOf(context);
  return land.strategy === 'pr' ? findPush(place, record, land.remote) : findLanding(place, record);
}

function landingPlaceOf({ repository, place, config, work }: WorkspaceContext): LandingPlace {
  return { ...place, ...work, repository, integration: config.land.into };
}

async function findWorkPlace(context: WorkspaceContext, ownPaths: OwnPaths): Promise<WorkPlace | undefined> {
  const { repository, place, config } = context;
  const entry = await findWorktreeEntry(repository, place.folder);
  if (entry === undefined || !existsSync(place.folder)) return undefined;
  await restoreLink(place.folder, entry);
  const base = await findBaseCommit(repository, config.git.base);
  return { ...landingPlaceOf(context), ownPaths, entry, base };
}

async function collect(
  { config }: WorkspaceContext,
  place: WorkPlace,
  directory: string,
): Promise<Rejection | LandingRecord> {
  const record = await collectWork(place, config.git);
  if (!('accepted' in record)) await writeLandingRecord(directory, record);
  return record;
}

/** Whatever the gate or an unfinished move to another commit left in the worktree goes. */
async function resume(place: WorkPlace, record: LandingRecord): Promise<LandingRecord> {
  await restoreWorktree(place, record.head);
  return record;
}

/** The gate on a commit that the worktree holds. What it leaves there isn't work, and goes. */
async function check(
  { config, deps, place: { path } }: WorkspaceContext,
  place: WorkPlace,
  commit: string,
  { directory, env, signal }: VerifyOptions,
): Promise<Rejection | undefined> {
  if (config.verify.commands.length === 0) return undefined;
  const restore = (): Promise<void> => restoreWorktree(place, commit);
  const rejection = await runGate(deps, config.verify, { directory, commit, cwd: path, env, signal, restore });
  await restore();
  return rejection ?? readStopRequest(signal, directory);
}
