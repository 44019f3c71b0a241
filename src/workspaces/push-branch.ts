import type { Verdict } from '../contract/outcomes.js';
import { writeLandingRecord, type LandingRecord } from './landing-record.js';
import { deleteRef, isAncestor, moveRef, readCommit, refOf } from './refs.js';
import { readStopRequest, rejectWork, type Rejection } from './rejection.js';
import { fetchRef, pushCommit, readRemoteBranch } from './remote.js';
import type { IssuePlace } from './issue-place.js';
import type { Repository } from './repository.js';
import type { LandingPlace, WorkPlace } from './work-place.js';

export interface PushRun {
  /** The attempt's folder. */
  directory: string;
  record: LandingRecord;
  signal: AbortSignal;
  /** land.remote */
  remote: string;
}

/** How often the branch is looked at anew when somebody moved it right then. */
const MAX_TRIES = 5;

/**
 * Brings verified work onto the issue's branch at the remote, and reads back that it is there. What garland itself has pushed
 * before may be replaced; commits that somebody else has added there never are: they have to be part of the work.
 */
export async function pushWork(place: WorkPlace, run: PushRun): Promise<Verdict> {
  const { repository, branch } = place;
  const commit = run.record.head;
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const stopped = readStopRequest(run.signal, run.directory);
    if (stopped) return stopped;
    const found = await readRemoteBranch(repository, run.remote, branch);
    if (found === commit) return pushed(place, run.remote, commit);
    const rejection = found === undefined ? undefined : await findForeign(place, run, found);
    if (rejection) return rejection;
    await writeLandingRecord(run.directory, { ...run.record, push: { to: commit } });
    await setRef(place, place.pushingRef, commit);
    await pushCommit(repository, run.remote, { commit, branch, expected: found });
  }
  return rejectWork('workspace', `${branch} is moved at ${run.remote} again and again while it is pushed`);
}

/** The push that an earlier call has done but couldn't report. */
export async function findPush(
  place: LandingPlace,
  record: LandingRecord | undefined,
  remote: string,
): Promise<Verdict | undefined> {
  const commit = record?.push?.to;
  if (commit === undefined) return undefined;
  const found = await readRemoteBranch(place.repository, remote, place.branch);
  return found === commit ? pushed(place, remote, commit) : undefined;
}

/** What is remembered of an issue's pushes. Nothing there is fine. */
export async function dropPushedRefs(
  repository: Repository,
  { pushedRef, pushingRef, reviewRef }: IssuePlace,
): Promise<void> {
  for (const ref of [pushedRef, pushingRef, reviewRef]) {
    const commit = await readCommit(repository, ref);
    if (commit !== undefined) await deleteRef(repository, ref, commit);
  }
}

/** Undefined when nothing is there that garland hasn't pushed or that the work doesn't hold. */
async function findForeign(
  place: WorkPlace,
  { record, remote }: PushRun,
  found: string,
): Promise<Rejection | undefined> {
  const { repository, branch, pushedRef, pushingRef, reviewRef } = place;
  for (const own of [pushedRef, pushingRef]) {
    if ((await readCommit(repository, own)) === found) return undefined;
  }
  await fetchRef(repository, remote, refOf(branch), reviewRef);
  if (await isAncestor(repository, found, record.head)) return undefined;
  return rejectWork(
    'conflict',
    `somebody else has pushed to ${branch} at ${remote}, and their commits are not part of the work.\n` +
      `Run 'git rebase ${reviewRef}' in the workspace, resolve the conflicts and commit.`,
  );
}

async function pushed(place: LandingPlace, remote: string, commit: string): Promise<Verdict> {
  await setRef(place, place.pushedRef, commit);
  const reason = `pushed to ${remote} on ${place.branch} as ${commit.slice(0, 12)}`;
  return { accepted: true, landing: 'pushed', commit, reason };
}

async function setRef({ repository }: LandingPlace, ref: string, commit: string): Promise<void> {
  const from = (await readCommit(repository, ref)) ?? '';
  if (from !== commit) await moveRef(repository, ref, commit, from, 'pushed');
}
