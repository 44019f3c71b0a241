import type { Verdict } from '../contract/outcomes.js';
import { putOntoIntegration } from './put-onto-integration.js';
import { withLandingLock } from './landing-lock.js';
import { writeLandingRecord, type LandingRecord } from './landing-record.js';
import { isAncestor, moveBranch, readBranches, refOf } from './refs.js';
import { readStoppedWait, readStopRequest, rejectWork, type Rejection } from './rejection.js';
import { restoreWorktree } from './restore-worktree.js';
import type { LandingPlace, WorkPlace } from './work-place.js';

export interface LandingRun {
  /** The attempt's folder. */
  directory: string;
  record: LandingRecord;
  signal: AbortSignal;
  /** Runs the gate on this commit, which the worktree holds. */
  checkCommit(commit: string): Promise<Rejection | undefined>;
}

/**
 * Brings verified work onto the integration branch: when that has moved, the work is put on top of it and the gate runs
 * on the result. The branch is moved by compare-and-swap, under a lock from the look at it to the swap.
 */
export async function landWork(place: WorkPlace, run: LandingRun): Promise<Verdict> {
  try {
    return await withLandingLock(
      place.repository.projectDir,
      async () => {
        for (;;) {
          const verdict = await tryToLand(place, run);
          if (verdict) return verdict;
        }
      },
      run.signal,
    );
  } catch (error) {
    // While it waited for the lock.
    const stopped = readStoppedWait(error, run.signal, run.directory);
    if (stopped) return stopped;
    throw error;
  }
}

/** The landing that an earlier call has done but couldn't report. */
export async function findLanding(
  place: LandingPlace,
  record: LandingRecord | undefined,
): Promise<Verdict | undefined> {
  if (record?.swap === undefined) return undefined;
  const { to } = record.swap;
  return (await isAncestor(place.repository, to, refOf(place.integration))) ? landed(place, to) : undefined;
}

/** Undefined when somebody else moved the integration branch meanwhile. */
async function tryToLand(place: WorkPlace, run: LandingRun): Promise<Verdict | undefined> {
  const { repository, integration } = place;
  const stopped = readStopRequest(run.signal, run.directory);
  if (stopped) return stopped;
  const found = await readIntegration(place);
  if (typeof found !== 'string') return found;

  const candidate = await findCandidate(place, run, found);
  if (typeof candidate !== 'string') return candidate;
  if (candidate !== run.record.head) {
    await restoreWorktree(place, candidate);
    if (candidate === found) return landed(place, found);
    const rejection = await run.checkCommit(candidate);
    if (rejection) return rejection;
    // The gate took its time.
    const now = await readIntegration(place);
    if (typeof now !== 'string') return now;
  }

  const late = readStopRequest(run.signal, run.directory);
  if (late) return late;
  run.record = { ...run.record, swap: { from: found, to: candidate } };
  await writeLandingRecord(run.directory, run.record);
  const swapped = await moveBranch(repository, integration, candidate, found, `landed ${place.issueId}`);
  return swapped ? landed(place, candidate) : undefined;
}

async function readIntegration({ repository, integration }: WorkPlace): Promise<string | Rejection> {
  const branch = (await readBranches(repository, [integration])).get(integration);
  if (branch === undefined) {
    return rejectWork(
      'workspace',
      `the integration branch ${integration} is gone; start the run again, which makes it`,
    );
  }
  if (branch.checkedOutIn === undefined) return branch.commit;
  return rejectWork(
    'workspace',
    `${integration} is checked out in ${branch.checkedOutIn}, and would move under it; switch that folder to another branch`,
  );
}

/** The commit that the integration branch is to move to. */
async function findCandidate(place: WorkPlace, run: LandingRun, onto: string): Promise<string | Rejection> {
  const { repository } = place;
  const { head, rebased } = run.record;
  if (await isAncestor(repository, onto, head)) return head;
  if (rebased?.onto === onto && (await isAncestor(repository, onto, rebased.commit))) return rebased.commit;
  const combined = await putOntoIntegration(place, head, onto);
  if (typeof combined !== 'string') return combined;
  run.record = { ...run.record, rebased: { onto, commit: combined } };
  await writeLandingRecord(run.directory, run.record);
  return combined;
}

function landed({ integration }: LandingPlace, commit: string): Verdict {
  return { accepted: true, landing: 'landed', commit, reason: `landed on ${integration} as ${commit.slice(0, 12)}` };
}
