import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AGENT_OUTCOMES, type AgentMarker, type AgentResult, type Verdict } from '../../src/contract/outcomes.js';
import {
  isWorthVerifying,
  retryDelayMs,
  settleAttempt,
  type AttemptFacts,
} from '../../workflows/decisions/settle-attempt.js';
import { shortenReason } from '../../workflows/decisions/shorten-reason.js';

const REJECTIONS = [
  'agent',
  'no_commit',
  'gate_failed',
  'gate_timed_out',
  'conflict',
  'workspace',
  'unpublished',
  'aborted',
] as const;

const at = '2026-01-01T00:00:00.000Z';
const long = (max: number) => fc.nat(max).map((length) => 'long '.repeat(length / 5));
const reason = fc.oneof(fc.string(), long(6_000), fc.constant('a\nb'));
const marker: fc.Arbitrary<AgentMarker> = fc.record({
  kind: fc.constantFrom('NO_CHANGE' as const, 'ALREADY_DONE' as const, 'OBSOLETE' as const, 'BLOCKED' as const),
  reason,
});
const result: fc.Arbitrary<AgentResult> = fc.record(
  {
    outcome: fc.constantFrom(...AGENT_OUTCOMES),
    reason,
    startedAt: fc.constant(at),
    endedAt: fc.constant(at),
    seconds: fc.nat(),
    directory: fc.constant('/attempt'),
    marker,
    lastMessage: long(2_000),
    output: long(1_500),
    resumable: fc.boolean(),
    unusable: fc.boolean(),
    limitedUntil: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  },
  { requiredKeys: ['outcome', 'reason', 'startedAt', 'endedAt', 'seconds', 'directory'] },
);
const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.record({
    accepted: fc.constant(true as const),
    landing: fc.constantFrom('landed' as const, 'branch' as const, 'nothing' as const),
    reason,
  }),
  fc.record({ accepted: fc.constant(false as const), kind: fc.constantFrom(...REJECTIONS), reason }),
);
const facts: fc.Arbitrary<AttemptFacts> = fc
  .record({
    attempt: fc.integer({ min: 1, max: 110 }),
    maxAttempts: fc.integer({ min: 1, max: 100 }),
    turn: fc.integer({ min: 1, max: 25 }),
    maxTurns: fc.integer({ min: 1, max: 25 }),
    maxRetryBackoffMs: fc.integer({ min: 1, max: 2_147_483_647 }),
    stopped: fc.option(fc.constant('the run was aborted'), { freq: 4 }),
    halted: fc.option(fc.constant('the budget of the run is spent'), { freq: 4 }),
    spent: fc.constant(null),
    result,
    verdict: fc.option(verdict, { nil: undefined }),
  })
  // Only what ended well is verified.
  .map((given) => (isWorthVerifying(given.result) ? given : { ...given, verdict: undefined }));

const isAccepted = ({ verdict: found }: AttemptFacts) => found?.accepted === true;
const isLimited = ({ result: { outcome, limitedUntil } }: AttemptFacts) =>
  outcome === 'limited' && limitedUntil !== undefined;
const isUnpublished = ({ verdict: found }: AttemptFacts) => found?.accepted === false && found.kind === 'unpublished';
const isOver = (given: AttemptFacts) =>
  given.attempt >= given.maxAttempts || given.result.marker?.kind === 'BLOCKED' || isUnpublished(given);
const isUnusable = ({ result: { unusable } }: AttemptFacts) => unusable === true;
const isHalted = ({ halted, result: { outcome, resumable, marker: said } }: AttemptFacts) =>
  halted !== null && (outcome === 'aborted' || (outcome === 'failed' && resumable === true && said === undefined));
const isMendable = ({ result: { resumable, marker: said }, verdict: found, turn, maxTurns }: AttemptFacts) =>
  resumable === true &&
  turn < maxTurns &&
  said?.kind !== 'BLOCKED' &&
  found?.accepted === false &&
  ['no_commit', 'gate_failed', 'gate_timed_out'].includes(found.kind);

function always(check: (given: AttemptFacts) => void, isMeant: (given: AttemptFacts) => boolean = () => true): void {
  fc.assert(fc.property(facts.filter(isMeant), check), { numRuns: 1_000 });
}

describe('whatever an attempt came to', () => {
  test('what was accepted is closed, whoever stops it meanwhile, and nothing else is', () => {
    always((given) => {
      const next = settleAttempt(given);
      expect(next.do === 'settle' && next.settlement.kind === 'close').toBe(isAccepted(given));
    });
  });

  test('what was stopped from outside goes back, without using up an attempt', () => {
    always(
      (given) => {
        const settlement = { kind: 'release', reason: given.stopped };
        expect(settleAttempt(given)).toEqual({ do: 'settle', settlement });
      },
      (given) => given.stopped !== null && !isAccepted(given),
    );
  });

  test('a usage limit waits for its end, however many attempts there were', () => {
    always(
      (given) => {
        const { limitedUntil: until, reason: why } = given.result;
        expect(settleAttempt(given)).toEqual({ do: 'wait_for_limit', until, reason: why });
      },
      (given) => given.stopped === null && !isUnusable(given) && isLimited(given),
    );
  });

  test('an agent that a budget stopped goes on in the same attempt, however many there were', () => {
    always(
      (given) => {
        expect(settleAttempt(given)).toEqual({ do: 'wait_for_budget', reason: given.halted });
      },
      (given) => given.stopped === null && !isUnusable(given) && isHalted(given),
    );
  });

  test('nothing goes on when the budget of the issue is spent; what is settled stays so', () => {
    always((given) => {
      const [without, spent] = [settleAttempt(given), settleAttempt({ ...given, spent: 'spent: $2 of $1' })];
      if (without.do === 'settle' || without.do === 'give_up_run') expect(spent).toEqual(without);
      else {
        const settlement = { kind: 'fail', reason: `${without.reason}; spent: $2 of $1` };
        expect(spent).toEqual({ do: 'settle', settlement });
      }
    });
  });

  test('an agent that nobody can use gives up the run, unless its work was accepted or it was stopped', () => {
    always(
      (given) => {
        const expected = given.stopped === null && !isAccepted(given) && isUnusable(given);
        expect(settleAttempt(given).do === 'give_up_run').toBe(expected);
      },
      () => true,
    );
  });

  test('what an agent can mend in its session is a further turn, whatever the attempt, up to the last turn', () => {
    always((given) => {
      const next = settleAttempt(given);
      const expected = given.stopped === null && !isUnusable(given) && isMendable(given);
      expect(next.do === 'turn').toBe(expected);
      if (next.do !== 'turn') return;
      expect(next.reason).not.toContain('\n');
      expect(next.previous.length).toBeLessThan(3_200);
    });
  });

  const wentWrong = (given: AttemptFacts) =>
    given.stopped === null &&
    !isAccepted(given) &&
    !isUnusable(given) &&
    !isLimited(given) &&
    !isHalted(given) &&
    !isMendable(given);

  test('everything else is given up after the last attempt, and at once when the agent says that it is blocked or only a person can mend it', () => {
    always(
      (given) => {
        expect(settleAttempt(given)).toMatchObject({ do: 'settle', settlement: { kind: 'fail' } });
      },
      (given) => wentWrong(given) && isOver(given),
    );
  });

  test('before that it is tried again: after the backoff, or at once if it never had its chance', () => {
    always(
      (given) => {
        const next = settleAttempt(given);
        const kind = given.verdict?.accepted === false ? given.verdict.kind : given.result.outcome;
        const atOnce = kind === 'lost' || kind === 'aborted';
        const delayMs = atOnce ? 0 : retryDelayMs(given.attempt, given.maxRetryBackoffMs);
        expect(next).toMatchObject({ do: 'retry', delayMs });
      },
      (given) => wentWrong(given) && !isOver(given),
    );
  });

  test('what is carried to the next attempt is short plain data, and its reason is one line', () => {
    always(
      (given) => {
        const next = settleAttempt(given);
        expect(JSON.parse(JSON.stringify(next))).toEqual(next);
        if (next.do !== 'retry') throw new Error(next.do);
        expect(next.reason).not.toContain('\n');
        expect(next.previous.length).toBeLessThan(4_700);
      },
      (given) => wentWrong(given) && !isOver(given),
    );
  });
});

describe('what the next prompt is told', () => {
  const summary = `${'passed\n'.repeat(150)}FAILED: 3 of 153`;
  const gate: Verdict = {
    accepted: false,
    kind: 'gate_failed',
    reason: `the gate's command 1 failed (exit 1): npm test\n…${'a long story\n'.repeat(130)}${summary}`,
  };
  const failed = (turn: number, over: Partial<AttemptFacts> = {}) =>
    settleAttempt({
      attempt: 1,
      maxAttempts: 3,
      turn,
      maxTurns: 2,
      maxRetryBackoffMs: 300_000,
      stopped: null,
      halted: null,
      spent: null,
      result: {
        outcome: 'succeeded',
        reason: '',
        startedAt: at,
        endedAt: at,
        seconds: 1,
        directory: '/a',
        resumable: true,
      },
      verdict: gate,
      ...over,
    });

  test.each([
    ['turn', 1],
    ['retry', 2],
  ] as const)('of a long output of the gate: what failed, and the end of it (%s)', (what, turn) => {
    const next = failed(turn);
    if (next.do !== what) throw new Error(next.do);
    expect(next.previous.startsWith("the gate's command 1 failed (exit 1): npm test\n")).toBe(true);
    expect(next.previous.endsWith(summary)).toBe(true);
  });

  test.each(['timed_out', 'stalled', 'lost', 'failed'] as const)(
    'of an agent that %s: the end of its output',
    (outcome) => {
      const ended = { outcome, reason: 'so it was', startedAt: at, endedAt: at, seconds: 1, directory: '/a' };
      const previousOf = (said: Partial<AgentResult>) =>
        failed(1, { result: { ...ended, ...said }, verdict: undefined });
      expect(previousOf({ output: 'a\nno memory left', lastMessage: 'no memory left' })).toMatchObject({
        previous: 'so it was\n\nThe end of its output:\na\nno memory left',
      });
      expect(previousOf({ output: 'no memory left', lastMessage: 'I run it.' })).toMatchObject({
        previous: 'so it was\n\nThe last message of that attempt:\nI run it.\n\nThe end of its output:\nno memory left',
      });
    },
  );

  test('in whole characters, however long its first line is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), fc.constantFrom(30, 31), (text, length) => {
        const short = shortenReason(text.toWellFormed(), length);
        expect(short.length).toBeLessThanOrEqual(length);
        expect(short.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('the backoff', () => {
  const attempt = fc.integer({ min: 1, max: 2_000 });
  const most = fc.integer({ min: 1, max: 2_147_483_647 });

  test('is 10 s, 20 s, 40 s and so on', () => {
    expect([1, 2, 3, 4, 5].map((n) => retryDelayMs(n, 300_000))).toEqual([10_000, 20_000, 40_000, 80_000, 160_000]);
    expect([6, 7, 100].map((n) => retryDelayMs(n, 300_000))).toEqual([300_000, 300_000, 300_000]);
  });

  test('is never longer than allowed, never shorter than before, and always a time', () => {
    fc.assert(
      fc.property(attempt, most, (n, longest) => {
        const delay = retryDelayMs(n, longest);
        expect(Number.isSafeInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThan(0);
        expect(delay).toBeLessThanOrEqual(longest);
        expect(delay).toBeLessThanOrEqual(retryDelayMs(n + 1, longest));
      }),
    );
  });
});
