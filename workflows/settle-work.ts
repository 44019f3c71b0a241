import type { RunEventBody } from '../src/contract/events.js';
import type { AgentResult } from '../src/contract/outcomes.js';
import { describeSpent, isSpent, issueMetersOf, spentBudgets } from './decisions/budgets.js';
import { kindOf } from './decisions/holds.js';
import { mayGoOn } from './decisions/next-step.js';
import { retryDelayMs, settleAttempt } from './decisions/settle-attempt.js';
import { ABORTED_AT_ONCE, LIMITED_AGAIN_WAITS } from './patches.js';
import type { ActiveWork, CoordinatorState, RetryPlan } from './state.js';
import { beginTurn, limitUsage, planRetry, settle } from './transitions.js';

export interface Ended {
  result: AgentResult;
  /** Why it was stopped from outside, or null. */
  stopped: string | null;
  /** The workflow's clock. */
  nowMs: number;
  /** Whether this run does as it is since that change (see patches.ts); asked only where that makes a difference. */
  patched: (id: string) => boolean;
}

/** Does what an ended attempt, with its verdict if it has one, means for its issue. Returns what is to be told. */
export function settleWork(state: CoordinatorState, work: ActiveWork, ended: Ended): RunEventBody[] {
  const { result, stopped, nowMs } = ended;
  const { maxAttempts, maxTurns = 1, maxRetryBackoffMs } = state.settings;
  const { id, attempt, turn = 1, resumption, verdict } = work;
  const now = new Date(nowMs).toISOString();
  const meter = issueMetersOf(state.settings.budget, work.usage).find(isSpent);
  const next = settleAttempt({
    attempt,
    maxAttempts,
    turn,
    maxTurns,
    maxRetryBackoffMs,
    stopped,
    halted: work.halted ?? hardBudgetSpent(state, nowMs),
    spent: meter === undefined ? null : describeSpent(meter),
    result,
    verdict,
  });
  switch (next.do) {
    case 'settle':
      settle(work, next.settlement, now);
      // Whatever becomes of its issue: no other agent of the kind is to meet the limit, too.
      return stopped === null ? noteLimit(state, work, result, result.limitedUntil) : [];
    case 'give_up_run':
      state.unusable ??= next.reason;
      settle(work, { kind: 'release', reason: next.reason }, now);
      return [];
    case 'turn': {
      const { reason } = next;
      if (mayGoOn(state, kindOf(work), nowMs)) beginTurn(work, next.previous, now);
      else {
        const plan = { attempt, turn: turn + 1, resumption: resumption + 1, dueAt: now };
        planRetry(state, work, { ...plan, reason, previous: next.previous }, now);
      }
      return [{ event: 'work_rejected', id, attempt, turn, reason }];
    }
    case 'retry': {
      const waits = result.outcome === 'aborted' && !ended.patched(ABORTED_AT_ONCE);
      const delayMs = waits ? retryDelayMs(attempt, maxRetryBackoffMs) : next.delayMs;
      const dueAt = new Date(nowMs + delayMs).toISOString();
      const plan = { attempt: attempt + 1, dueAt, reason: next.reason };
      planRetry(state, work, { ...plan, resumption: 0, previous: next.previous }, now);
      return [{ event: 'retry_scheduled', id, ...plan }];
    }
    case 'wait_for_limit': {
      const until = laterAgain(next.until, ended, retryDelayMs(resumption, maxRetryBackoffMs), resumption);
      planAgain(state, work, { dueAt: until, reason: next.reason }, now);
      return noteLimit(state, work, result, until);
    }
    case 'wait_for_budget':
      planAgain(state, work, { dueAt: now, reason: next.reason }, now);
      return [{ event: 'attempt_held', id, attempt, reason: next.reason }];
  }
}

/**
 * One that says again and again that its limit ends now would be started again and again, and uses up no attempt: after the first time
 * it waits for the backoff at least.
 */
function laterAgain(until: string, { nowMs, patched }: Ended, backoffMs: number, resumption: number): string {
  const earliest = nowMs + backoffMs;
  if (resumption === 0 || Date.parse(until) >= earliest || !patched(LIMITED_AGAIN_WAITS)) return until;
  return new Date(earliest).toISOString();
}

function hardBudgetSpent(state: CoordinatorState, nowMs: number): string | null {
  const [spent] = state.settings.budget?.hard ? spentBudgets(state, nowMs) : [];
  return spent === undefined ? null : describeSpent(spent);
}

/** The same turn of the same attempt goes on, in a process of its own. */
function planAgain(
  state: CoordinatorState,
  work: ActiveWork,
  plan: Pick<RetryPlan, 'dueAt' | 'reason'>,
  now: string,
): void {
  const { attempt, turn, previous } = work;
  planRetry(state, work, { ...plan, attempt, turn, resumption: work.resumption + 1, previous }, now);
}

function noteLimit(state: CoordinatorState, work: ActiveWork, result: AgentResult, until?: string): RunEventBody[] {
  if (result.outcome !== 'limited' || until === undefined) return [];
  const limit = { kind: kindOf(work), until, reason: result.reason };
  limitUsage(state, limit);
  return [{ event: 'usage_limited', id: work.id, ...limit }];
}
