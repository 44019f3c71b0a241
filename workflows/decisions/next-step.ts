import type { CoordinatorState, Ending } from '../state.js';

/**
 * What the loop does next. The order of the checks is the loop's order (see docs/how-it-works.md): abort, limit, poll,
 * start, end, wait.
 */
export type Step =
  /** Ask every active agent to stop. */
  | { do: 'stop_all' }
  /** Look nothing up: nothing more may start. */
  | { do: 'skip_poll' }
  | { do: 'poll' }
  | { do: 'retry'; id: string }
  | { do: 'claim'; id: string }
  /** Give back an issue that waits for its next attempt. */
  | { do: 'release'; id: string }
  | { do: 'end'; ending: Ending }
  /** Wait for a poll, for claims, for agents; `untilMs` is when to wake at the latest. */
  | { do: 'wait'; for: 'poll' | 'claims' | 'agents' | 'stopping'; untilMs: number | null };

/** Pure: the same state and time give the same step. `nowMs` is the workflow's clock. */
export function nextStep(state: CoordinatorState, stopping: boolean, nowMs: number): Step {
  const active = [...state.active.values()];
  const [waiting] = state.retries.keys();
  if (state.abortReason !== null) {
    if (!stopping) return { do: 'stop_all' };
    if (waiting !== undefined) return { do: 'release', id: waiting };
    if (active.length > 0 || state.polling) return { do: 'wait', for: 'stopping', untilMs: null };
    return { do: 'end', ending: { outcome: 'aborted', reason: null, error: null } };
  }

  if (state.draining && waiting !== undefined) return { do: 'release', id: waiting };
  const due = dueRetry(state, nowMs);
  if (due !== undefined && hasFreeSlot(state)) return { do: 'retry', id: due };

  if (state.polling) return { do: 'wait', for: 'poll', untilMs: null };
  if (state.offer === null) return mayStartNew(state) ? { do: 'poll' } : { do: 'skip_poll' };

  const next = nextCandidate(state);
  if (next !== undefined && mayStartNew(state) && hasFreeSlot(state)) return { do: 'claim', id: next };
  if (active.some((work) => work.phase === 'claiming')) return { do: 'wait', for: 'claims', untilMs: null };

  if (active.length === 0 && state.retries.size === 0) {
    // What that poll listed is not all there is: more was ready than it hands over, or the world has changed since.
    if ((state.offer.more || state.settledSincePoll) && mayStartNew(state)) return { do: 'poll' };
    return { do: 'end', ending: endingOf(state) };
  }
  return { do: 'wait', for: 'agents', untilMs: wakeTime(state, nowMs) };
}

/** A slot is held from the claim until the issue is settled. */
export function hasFreeSlot(state: CoordinatorState): boolean {
  return state.active.size < state.maxAgents;
}

/** The issue limit counts claims that are under way, so that it can't be overrun. */
export function mayStartNew(state: CoordinatorState): boolean {
  if (state.draining || state.pollFailure !== null) return false;
  if (state.maxIssues === null) return true;
  const claiming = [...state.active.values()].filter((work) => work.phase === 'claiming').length;
  return state.spawned + claiming < state.maxIssues;
}

function nextCandidate(state: CoordinatorState): string | undefined {
  return state.offer?.untried.find((id) => !isTaken(state, id));
}

/** Never two agents for one issue, and none for one that the run is through with. */
export function isTaken(state: CoordinatorState, id: string): boolean {
  return state.active.has(id) || state.retries.has(id) || state.through.has(id);
}

function dueRetry(state: CoordinatorState, nowMs: number): string | undefined {
  return [...state.retries.values()]
    .filter((retry) => Date.parse(retry.dueAt) <= nowMs)
    .toSorted((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt))[0]?.id;
}

function endingOf(state: CoordinatorState): Ending {
  if (state.pollFailure !== null)
    return { outcome: 'failed', reason: null, error: `poll_failed: ${state.pollFailure}` };
  if (state.draining) return { outcome: 'completed', reason: null, error: null };
  const limitSpent = state.maxIssues !== null && state.spawned >= state.maxIssues;
  if (limitSpent) return { outcome: 'completed', reason: 'limit_reached', error: null };
  return { outcome: 'completed', reason: (state.offer?.offered ?? 0) > 0 ? 'all_refused' : 'none_ready', error: null };
}

function wakeTime(state: CoordinatorState, nowMs: number): number | null {
  if (!hasFreeSlot(state)) return null;
  const times = [...state.retries.values()].map((retry) => Date.parse(retry.dueAt));
  if (mayStartNew(state)) times.push(nowMs + state.settings.pollIntervalMs);
  return times.length === 0 ? null : Math.min(...times);
}
