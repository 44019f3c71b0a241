import fc from 'fast-check';
import { AGENT_OUTCOMES } from '../../src/contract/outcomes.js';
import type { Scenario, Script } from './simulate-run.js';

const REJECTIONS = [
  'agent',
  'no_commit',
  'gate_failed',
  'gate_timed_out',
  'conflict',
  'workspace',
  'unpublished',
] as const;
const outcome = fc.constantFrom(...AGENT_OUTCOMES.filter((name) => name !== 'aborted'));
const script = (id: string): fc.Arbitrary<Script> =>
  fc.record({
    id: fc.constant(id),
    claim: fc.constantFrom('ok', 'ok', 'ok', 'ok', 'refused', 'unfit'),
    kind: fc.constantFrom('shell', 'claude', 'codex'),
    agents: fc.array(
      fc.record({
        outcome,
        verdict: fc.constantFrom('accepted' as const, 'accepted' as const, ...REJECTIONS),
        marker: fc.option(fc.constant({ kind: 'BLOCKED' as const, reason: 'x' }), { nil: undefined, freq: 8 }),
        resumable: fc.boolean(),
        mils: fc.option(fc.nat(400), { freq: 4 }),
        unusable: fc.integer({ max: 60, min: 0 }).map((drawn) => drawn === 60),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    stale: fc.boolean(),
    after: fc.nat(3),
  });
// Above 0, so that doubling raises it.
const mils = fc.integer({ min: 1, max: 4_000 });
const maybe = (max: number) => fc.option(fc.integer({ min: 1, max }), { nil: undefined, freq: 3 });
// Ids that are a prototype's properties, too: state must not be confused by them.
const ids = fc.uniqueArray(
  fc.oneof(fc.constantFrom('__proto__', 'constructor', '7', 'a b'), fc.stringMatching(/^[a-z]{1,3}-\d$/)),
  {
    maxLength: 25,
  },
);
/** Any backlog, any outcomes, refusals, aborts and continuations as new. */
export const anyScenario: fc.Arbitrary<Scenario> = ids.chain((names) =>
  fc.record({
    scripts: fc.tuple(...names.map(script)),
    maxAgents: fc.integer({ min: 1, max: 6 }),
    maxIssues: fc.option(fc.nat(12), { nil: undefined }),
    maxAttempts: fc.integer({ min: 1, max: 3 }),
    maxTurns: fc.integer({ min: 1, max: 4 }),
    budget: fc.record(
      { run: mils, issue: mils, day: mils, tokens: mils, hard: fc.boolean() },
      { requiredKeys: ['hard'] },
    ),
    choices: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 40 }),
    abortAt: maybe(60),
    drainAt: maybe(60),
    renewAt: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 6 }),
    pollFailsAt: maybe(20),
  }),
);
