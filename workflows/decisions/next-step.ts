import type { TakenIssue } from '../../src/contract/activities.js';
import type { AgentKind } from '../../src/contract/agents.js';
import type { CoordinatorState, Ending } from '../state.js';
import { budgetsEndMs, describeSpent, isSpent, issueMetersOf } from './budgets.js';
import { isHeld, isLimited, isOutOfBudget, kindOf, limitEndMs, limitedKinds } from './holds.js';

/**
 * What the loop does next. The order of the checks is the loop's order (see docs/how-it-works.md): abort, limit, poll,
 * start, end, wait.
 */
export type Step =
  /** Ask every active agent to stop. */
  | { do: 'stop_all' }
  /** Look nothing up: nothing more may start. */
  | { do: 'skip_poll' }
  /** Claims and starts `take` issues at most. */
  | { do: 'poll'; take: number }
  /** All slots are taken: only see whether somebody took away what is being worked on. */
  | { do: 'watch' }
  | { do: 'retry'; id: string }
  /** An issue that waits for its next attempt has none any more. */
  | { do: 'give_up'; id: string; reason: string }
  /** Give back an issue that waits for its next attempt. */
  | { do: 'release'; id: string }
  | { do: 'continue_as_new' }
  | { do: 'end'; ending: Ending }
  /** `untilMs` is when to wake at the latest. */
  | { do: 'wait'; for: WaitReason; untilMs: number | null };

/** `agents`: for anything at all; after it the loop begins from the top, with a new poll. */
export type WaitReason = 'poll' | 'agents' | 'stopping' | 'renewal';

export interface Moment {
  /** The workflow's clock. */
  nowMs: number;
  /** `stop_all` was done. */
  stopping: boolean;
  /** The history is long enough to continue as new. */
  renew: boolean;
  /** Issues that wait for their next attempt are looked at as those at work are: a run from before didn't (see patches.ts). */
  watchesWaiting: boolean;
}

/** Pure: the same state and moment give the same step. */
export function nextStep(state: CoordinatorState, moment: Moment): Step {
  const { nowMs } = moment;
  const [waiting] = state.retries.keys();
  if (state.abortReason !== null) {
    if (!moment.stopping) return { do: 'stop_all' };
    if (waiting !== undefined) return { do: 'release', id: waiting };
    if (state.active.size > 0 || state.polling !== null) return waitFor('stopping');
    return { do: 'end', ending: { outcome: 'aborted', reason: null, error: null } };
  }
  if (givesBack(state, nowMs) && waiting !== undefined) return { do: 'release', id: waiting };
  if (moment.renew) return isAtRest(state) ? { do: 'continue_as_new' } : waitFor('renewal');

  const due = dueRetry(state, nowMs);
  if (due !== undefined && countFree(state) > 0) return retry(state, due);

  if (state.polling !== null) return waitFor('poll');
  if (state.offered === null) return firstLook(state, moment);

  const nothingActive = state.active.size === 0 && state.retries.size === 0;
  if (nothingActive && !isOnlyHeld(state, nowMs)) return lastLook(state, nowMs);
  return { do: 'wait', for: 'agents', untilMs: wakeTime(state, moment) };
}

/** A slot is held from the start until the issue is settled; a poll that is under way holds those it may take. */
export function countFree(state: CoordinatorState): number {
  return state.maxAgents - state.active.size - (state.polling?.take ?? 0);
}

/** Never two agents for one issue, and none for one that the run is through with. */
export function isTaken(state: CoordinatorState, id: string): boolean {
  return state.active.has(id) || state.retries.has(id) || state.through.has(id);
}

/** Agents and gates may go on across continue-as-new; short activities are waited for, so that none is done twice. */
function isAtRest(state: CoordinatorState): boolean {
  return state.polling === null && ![...state.active.values()].some((work) => work.phase === 'finalizing');
}

/** Whether it makes sense to ask for an issue that isn't in hand yet. */
export function mayStartNew(state: CoordinatorState, nowMs: number): boolean {
  return !isClosed(state) && !isHeld(state, nowMs);
}

/** Whether an issue that was claimed is begun. One for which no agent can be started waits for none. */
export function mayStart(state: CoordinatorState, issue: TakenIssue, nowMs: number): boolean {
  if (state.abortReason !== null || !mayStartNew(state, nowMs)) return false;
  return issue.unfit !== undefined || mayGoOn(state, kindOf(issue), nowMs);
}

/** Whether an attempt may go on with a further turn, in the slot that it has. */
export function mayGoOn(state: CoordinatorState, kind: AgentKind, nowMs: number): boolean {
  if (state.abortReason !== null || startsNothingMore(state)) return false;
  return !isLimited(state, kind, nowMs) && !isOutOfBudget(state, nowMs);
}

/** For good: the limit is spent, the tracker can't be read, or the run starts nothing more. */
function isClosed(state: CoordinatorState): boolean {
  return startsNothingMore(state) || state.pollFailure !== null || allowedIssues(state) <= 0;
}

/** Agents at work finish; planned attempts and turns are given back. */
function startsNothingMore(state: CoordinatorState): boolean {
  return state.draining || state.unusable !== null;
}

/** What is planned goes back: it would wait for a budget that nobody can raise, when WORKFLOW.md isn't read any more. */
function givesBack(state: CoordinatorState, nowMs: number): boolean {
  return startsNothingMore(state) || (state.pollFailure !== null && isOutOfBudget(state, nowMs));
}

/** Nothing is active, but a ready issue may wait for the end of a limit or for a budget; what was settled since the last look
 * may have freed one. */
function isOnlyHeld(state: CoordinatorState, nowMs: number): boolean {
  const isLimitedNow = limitedKinds(state, nowMs).length > 0;
  if (!isLimitedNow && !isOutOfBudget(state, nowMs)) return false;
  // Earlier versions waited whatever was left to do, and their runs must go on as they began.
  if (isLimitedNow && state.settings.agentKinds === undefined) return true;
  return !isClosed(state) && (state.left !== 0 || state.settledSincePoll);
}

/** By the issue limit; what was asked of the tracker and not answered yet counts, so that it can't be overrun. */
function allowedIssues(state: CoordinatorState): number {
  return state.maxIssues === null ? Infinity : state.maxIssues - state.spawned - state.asked;
}

function firstLook(state: CoordinatorState, { nowMs, watchesWaiting }: Moment): Step {
  if (mayStartNew(state, nowMs) && countFree(state) > 0) return poll(state);
  if (looksForBudget(state) && isOutOfBudget(state, nowMs)) {
    const isLast = state.active.size === 0 && state.retries.size === 0 && state.settledSincePoll;
    if (isLast || nowMs >= nextLookMs(state)) return isClosed(state) ? { do: 'watch' } : { do: 'poll', take: 0 };
  }
  const watched = watchesWaiting || [...state.active.values()].some((work) => work.phase !== 'finalizing');
  if (watched && state.pollFailure === null && nowMs >= nextLookMs(state)) return { do: 'watch' };
  return { do: 'skip_poll' };
}

function poll(state: CoordinatorState): Step {
  return { do: 'poll', take: Math.min(countFree(state), allowedIssues(state)) };
}

/** WORKFLOW.md is read with every look: something waits that would start if a budget were raised. */
function looksForBudget(state: CoordinatorState): boolean {
  if (startsNothingMore(state) || state.pollFailure !== null) return false;
  return !isClosed(state) || state.retries.size > 0;
}

/** Its own budget may have been lowered since it was planned. */
function retry(state: CoordinatorState, id: string): Step {
  const spent = issueMetersOf(state.settings.budget, state.retries.get(id)?.usage).find(isSpent);
  return spent === undefined ? { do: 'retry', id } : { do: 'give_up', id, reason: describeSpent(spent) };
}

export function dueRetry(state: CoordinatorState, nowMs: number): string | undefined {
  if (isOutOfBudget(state, nowMs)) return undefined;
  return [...state.retries.values()]
    .filter((each) => Date.parse(each.dueAt) <= nowMs && !isLimited(state, kindOf(each), nowMs))
    .toSorted((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt))[0]?.id;
}

/** Nothing is active and nothing could be started: end, or look once more, or (`watch`) stay. */
function lastLook(state: CoordinatorState, nowMs: number): Step {
  const open = mayStartNew(state, nowMs);
  // Something was settled since that poll began, so more may have become ready than it listed; or it might not take what it listed.
  if (open && (state.settledSincePoll || (state.left ?? 0) > 0)) return poll(state);
  if (!isClosed(state) && state.input.watch)
    return { do: 'wait', for: 'agents', untilMs: nowMs + state.settings.pollIntervalMs };
  return { do: 'end', ending: endingOf(state) };
}

function endingOf(state: CoordinatorState): Ending {
  if (state.pollFailure !== null)
    return { outcome: 'failed', reason: null, error: `poll_failed: ${state.pollFailure}` };
  if (state.unusable !== null) return { outcome: 'failed', reason: null, error: `agent_unusable: ${state.unusable}` };
  if (state.draining) return { outcome: 'completed', reason: null, error: null };
  if (isClosed(state)) return { outcome: 'completed', reason: 'limit_reached', error: null };
  return { outcome: 'completed', reason: (state.offered ?? 0) > 0 ? 'all_refused' : 'none_ready', error: null };
}

/** At the interval the tracker is looked at, slots or not; earlier for a retry or the end of a usage limit. */
function wakeTime(state: CoordinatorState, { nowMs, watchesWaiting }: Moment): number | null {
  const isOut = isOutOfBudget(state, nowMs);
  const retries = countFree(state) > 0 && !isOut ? [...state.retries.values()] : [];
  const times = retries.map((each) => Math.max(Date.parse(each.dueAt), limitEndMs(state, kindOf(each), nowMs)));
  const looks =
    watchesWaiting ||
    state.active.size > 0 ||
    (mayStartNew(state, nowMs) && countFree(state) > 0) ||
    (isOut && looksForBudget(state));
  if (looks && state.pollFailure === null) times.push(nextLookMs(state));
  times.push(...limitedKinds(state, nowMs).map((kind) => limitEndMs(state, kind, nowMs)));
  const budgetsEnd = isOut ? budgetsEndMs(state, nowMs) : null;
  if (budgetsEnd !== null) times.push(budgetsEnd);
  return times.length === 0 ? null : Math.max(nowMs + 1, Math.min(...times));
}

function waitFor(what: WaitReason): Step {
  return { do: 'wait', for: what, untilMs: null };
}

function nextLookMs(state: CoordinatorState): number {
  return state.lookedAtMs + state.settings.pollIntervalMs;
}
