import type { FinishedIssue, IssuePhase, UsageLimit } from '../src/contract/run.js';
import type { ReadyPage, Settlement, TakenIssue } from '../src/contract/activities.js';
import type { ActiveWork, CoordinatorState, RetryPlan } from './state.js';

const KEPT_TO_LOOK_AT = 100;
const KEPT_OTHERS = 50;
/** Of a reason, in what is kept of an issue: the whole of it is in its event and in the tracker's note. */
const KEPT_REASON = 300;

/** Every change of the coordinator's state, one function each. `now` is ISO 8601, from the workflow's clock. */

/** What a look at the tracker listed and could not start. */
export function noteListed(state: CoordinatorState, page: ReadyPage): void {
  const { held } = page;
  const used = new Set([...page.taken, ...page.refused].map(({ id }) => id));
  state.listed = [...page.ids.filter((id) => !used.has(id)), ...(held ?? [])];
  state.left = held === undefined ? null : state.listed.length;
}

/** Ids that the tracker is to leave out: what the run has to do with, what it was refused, and what it lists by mistake. */
export function excludedIds(state: CoordinatorState): string[] {
  return [...state.active.keys(), ...state.retries.keys(), ...state.refused, ...state.stale];
}

/** The tracker lists what the run is through with. */
export function noteStale(state: CoordinatorState, ids: string[]): void {
  const known = new Set(state.stale);
  state.stale.push(...ids.filter((id) => state.through.has(id) && !known.has(id)));
}

export function beginPoll(state: CoordinatorState, take: number, nowMs: number): void {
  state.polling = { take };
  state.asked += take;
  state.lookedAtMs = nowMs;
  state.offered = null;
  state.settledSincePoll = false;
}

export function endPoll(state: CoordinatorState): void {
  state.asked -= state.polling?.take ?? 0;
  state.polling = null;
}

/** An agent is to be started for a claimed issue. */
export function beginWork(state: CoordinatorState, issue: TakenIssue, now: string): ActiveWork {
  const { unfit, ...known } = issue;
  const work: ActiveWork = { ...known, attempt: 1, resumption: 0, phase: 'running', since: now };
  if (unfit !== undefined) {
    settle(work, { kind: 'fail', reason: unfit }, now);
    // No attempt will have left a folder by which the tracker's side knows that the run is through with it.
    state.stale.push(issue.id);
  }
  state.active.set(issue.id, work);
  state.spawned += 1;
  return work;
}

/** What becomes of the issue is decided; it is still to be written to the tracker. */
export function settle(work: ActiveWork, settlement: Settlement, now: string): void {
  work.settlement = settlement;
  enterPhase(work, 'finalizing', now);
}

/** The same attempt goes on in the same slot: its agent is told why its work was rejected. */
export function beginTurn(work: ActiveWork, previous: string, now: string): void {
  work.turn = (work.turn ?? 1) + 1;
  work.resumption += 1;
  work.previous = previous;
  delete work.startedAt;
  delete work.result;
  delete work.verdict;
  delete work.halted;
  enterPhase(work, 'running', now);
}

/** A claimed issue for which no agent will be started after all. */
export function beginReturn(state: CoordinatorState, issue: TakenIssue, now: string): ActiveWork {
  const settlement: Settlement = { kind: 'release', reason: 'the run starts nothing more' };
  const { unfit: _unfit, ...known } = issue;
  const base = { ...known, attempt: 1, resumption: 0, since: now };
  const work: ActiveWork = { ...base, phase: 'finalizing', settlement, unstarted: true };
  state.active.set(issue.id, work);
  return work;
}

export function beginRetry(state: CoordinatorState, id: string, now: string): ActiveWork {
  const retry = state.retries.get(id);
  if (retry === undefined) throw new Error(`no retry is planned for ${id}`);
  state.retries.delete(id);
  const { dueAt: _dueAt, reason: _reason, ...rest } = retry;
  const work: ActiveWork = { ...rest, phase: 'running', since: now };
  state.active.set(id, work);
  return work;
}

export function enterPhase(work: ActiveWork, phase: IssuePhase, now: string): void {
  work.phase = phase;
  work.since = now;
}

/** A refused claim uses neither a slot nor the limit, and the issue is left out for the rest of the run. */
export function refuse(state: CoordinatorState, id: string): void {
  state.refused.push(id);
  state.through.add(id);
}

/** It is back in the tracker, as if it had not been offered. */
export function dropReturned(state: CoordinatorState, id: string): void {
  state.active.delete(id);
  state.settledSincePoll = true;
}

/** A planned attempt will not be made: the issue goes back to the tracker. */
export function beginRelease(state: CoordinatorState, id: string, now: string, why = 'the run stopped'): ActiveWork {
  const work = beginRetry(state, id, now);
  const begun = work.resumption > 0;
  takeBack(work);
  const reason = `${why} before its ${begun ? 'attempt went on' : 'next attempt'}`;
  settle(work, { kind: 'release', reason }, now);
  return work;
}

/** A planned attempt will not be made, and no other either. */
export function beginGiveUp(state: CoordinatorState, id: string, reason: string, now: string): ActiveWork {
  const retry = state.retries.get(id);
  const work = beginRetry(state, id, now);
  takeBack(work);
  settle(work, { kind: 'fail', reason: [retry?.reason, reason].join('; ') }, now);
  return work;
}

/** The attempt that was planned isn't made; one of which an agent has run already was. */
function takeBack(work: ActiveWork): void {
  if (work.resumption === 0) work.attempt -= 1;
}

export function planRetry(
  state: CoordinatorState,
  work: ActiveWork,
  plan: Pick<RetryPlan, 'attempt' | 'turn' | 'resumption' | 'dueAt' | 'reason' | 'previous'>,
  now: string,
): void {
  const { id, title, agent, usage, budgetsTold, workspace } = work;
  state.active.delete(id);
  state.retries.set(id, { id, title, agent, usage, budgetsTold, ...plan, workspace });
  enterPhase(work, 'retrying', now);
}

/** The later end counts when several agents of a kind say so. */
export function limitUsage(state: CoordinatorState, limit: UsageLimit): void {
  const known = state.usageLimits.find(({ kind }) => kind === limit.kind);
  if (known === undefined) state.usageLimits.push(limit);
  else if (Date.parse(limit.until) > Date.parse(known.until)) Object.assign(known, limit);
}

/** The one place in which an issue gets its final outcome. */
export function finish(state: CoordinatorState, finished: FinishedIssue): void {
  state.active.delete(finished.id);
  state.retries.delete(finished.id);
  state.through.add(finished.id);
  state.settledSincePoll = true;
  switch (finished.outcome) {
    case 'succeeded':
    case 'no_change':
      state.succeeded.push(finished.id);
      break;
    case 'failed':
      state.failed.push(finished.id);
      break;
    case 'aborted':
      state.aborted.push(finished.id);
      break;
  }
  keepDetails(state, finished);
}

function keepDetails(state: CoordinatorState, finished: FinishedIssue): void {
  state.details.push({ ...finished, reason: finished.reason.slice(0, KEPT_REASON) });
  const needsLook = (issue: FinishedIssue) => issue.outcome === 'failed' || issue.outcome === 'aborted';
  const isAlike = (issue: FinishedIssue) => needsLook(issue) === needsLook(finished);
  const limit = needsLook(finished) ? KEPT_TO_LOOK_AT : KEPT_OTHERS;
  if (state.details.filter(isAlike).length > limit) state.details.splice(state.details.findIndex(isAlike), 1);
}
