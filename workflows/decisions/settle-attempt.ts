import type { Settlement } from '../../src/contract/activities.js';
import type { AgentResult, RejectionKind, Verdict } from '../../src/contract/outcomes.js';
import { firstLine, shortenReason } from './shorten-reason.js';

/** What follows from an attempt: the issue is settled, or its agent goes on, or it is tried again after a while. */
export type Consequence =
  | { do: 'settle'; settlement: Settlement }
  /** No agent can work before a person has done something: the issue goes back, and nothing starts any more. */
  | { do: 'give_up_run'; reason: string }
  /** The same attempt goes on at once, in the agent's session: `previous` is what it is told. */
  | { do: 'turn'; reason: string; previous: string }
  /** `delayMs` from now; `previous` is what the next prompt says about this attempt. */
  | { do: 'retry'; delayMs: number; reason: string; previous: string }
  /** A usage limit: the same attempt again once it has ended, and nothing else of that kind before then. */
  | { do: 'wait_for_limit'; until: string; reason: string }
  /** Its agent was stopped because a budget is spent: the same attempt again once there is more. */
  | { do: 'wait_for_budget'; reason: string };

export interface AttemptFacts {
  attempt: number;
  maxAttempts: number;
  /** Of this attempt, from 1. */
  turn: number;
  maxTurns: number;
  maxRetryBackoffMs: number;
  /** Why it was stopped from outside: the run aborts, or somebody took the issue away. Null: it was not. */
  stopped: string | null;
  /** A hard budget of the run or the day is spent, and its agent was stopped or minded its allowance: which. Null: neither. */
  halted: string | null;
  /** The budget of the issue is spent, in words: nothing more of it starts. Null: it isn't. */
  spent: string | null;
  result: AgentResult;
  /** Undefined: the work wasn't looked at, because the agent did not end well or the run is stopping. */
  verdict: Verdict | undefined;
}

const FIRST_BACKOFF_MS = 10_000;

/**
 * What may be tried again, besides an agent that says it is blocked, which may not. docs/attempts.md has this table for users.
 * true: after the backoff. 'at_once': the work never had its chance. false: a person has to do something first.
 */
const RETRY: Record<RejectionKind | 'timed_out' | 'stalled' | 'lost', boolean | 'at_once'> = {
  agent: true,
  timed_out: true,
  stalled: true,
  lost: 'at_once',
  no_commit: true,
  gate_failed: true,
  gate_timed_out: true,
  conflict: true,
  workspace: true,
  unpublished: false,
  // Stopped although neither the run nor the issue was: by hand, or by another run that is gone.
  aborted: 'at_once',
};

/** What an agent can mend in its session, having been told what is wrong. */
const FURTHER_TURN: ReadonlySet<string> = new Set<RejectionKind>(['no_commit', 'gate_failed', 'gate_timed_out']);

/** Whether the agent's work is to be verified at all. */
export function isWorthVerifying(result: AgentResult): boolean {
  return result.outcome === 'succeeded' || result.outcome === 'no_change';
}

/** Pure: what an attempt's result means for its issue. */
export function settleAttempt(facts: AttemptFacts): Consequence {
  const next = judge(facts);
  if (facts.spent === null || next.do === 'settle' || next.do === 'give_up_run') return next;
  return settle({ kind: 'fail', reason: `${next.reason}; ${facts.spent}` });
}

function judge(facts: AttemptFacts): Consequence {
  const { result, verdict } = facts;
  if (verdict?.accepted) {
    const outcome = result.outcome === 'no_change' ? 'no_change' : 'succeeded';
    const reason = outcome === 'no_change' ? result.reason : verdict.reason;
    return settle({ kind: 'close', outcome, reason, commit: verdict.commit });
  }
  if (facts.stopped !== null) return settle({ kind: 'release', reason: facts.stopped });
  if (result.unusable) return { do: 'give_up_run', reason: result.reason };
  if (result.outcome === 'limited' && result.limitedUntil !== undefined) {
    return { do: 'wait_for_limit', until: result.limitedUntil, reason: result.reason };
  }
  if (facts.halted !== null && hasBeenHalted(result)) return { do: 'wait_for_budget', reason: facts.halted };
  if (result.marker?.kind === 'BLOCKED') return settle({ kind: 'fail', reason: result.reason });

  const [kind, reason] = whatWentWrong(result, verdict);
  if (RETRY[kind] === false) return settle({ kind: 'fail', reason });
  if (result.resumable && FURTHER_TURN.has(kind) && facts.turn < facts.maxTurns) {
    return { do: 'turn', reason: firstLine(reason), previous: shortenReason(reason, PROMPT_LENGTH) };
  }
  if (facts.attempt >= facts.maxAttempts) {
    const tries = facts.attempt === 1 ? '' : ` (attempt ${facts.attempt} of ${facts.maxAttempts})`;
    return settle({ kind: 'fail', reason: `${reason}${tries}` });
  }
  const delayMs = RETRY[kind] === 'at_once' ? 0 : retryDelayMs(facts.attempt, facts.maxRetryBackoffMs);
  return { do: 'retry', delayMs, reason: firstLine(reason), previous: describeForPrompt(result, reason) };
}

/** One that minds its allowance fails, with a session that can be gone on with. */
function hasBeenHalted({ outcome, resumable, marker }: AgentResult): boolean {
  return outcome === 'aborted' || (outcome === 'failed' && resumable === true && marker === undefined);
}

/** Before attempt n+1: 10 s × 2^(n−1), at most `maxRetryBackoffMs`. */
export function retryDelayMs(attempt: number, maxRetryBackoffMs: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - 1), maxRetryBackoffMs);
}

function whatWentWrong(result: AgentResult, verdict: Verdict | undefined): [keyof typeof RETRY, string] {
  if (verdict !== undefined && !verdict.accepted) return [verdict.kind, verdict.reason];
  const { outcome, reason } = result;
  switch (outcome) {
    case 'timed_out':
    case 'stalled':
    case 'lost':
    case 'aborted':
      return [outcome, reason];
    case 'failed':
    case 'limited':
    case 'succeeded':
    case 'no_change':
      return ['agent', reason];
  }
}

/** Carried through continue-as-new for every planned retry, so it is short; the files of the attempt have the whole. */
const PROMPT_LENGTH = 1_500;

function describeForPrompt({ lastMessage = '', output = '' }: AgentResult, reason: string): string {
  const parts = [shortenReason(reason, PROMPT_LENGTH)];
  // The last line of a shell command is both.
  if (!output.includes(lastMessage)) {
    parts.push(`The last message of that attempt:\n${shortenReason(lastMessage, PROMPT_LENGTH)}`);
  }
  if (output !== '') parts.push(`The end of its output:\n${output}`);
  return parts.join('\n\n');
}

function settle(settlement: Settlement): Consequence {
  return { do: 'settle', settlement };
}
