import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IssueOutcome } from '../../src/contract/outcomes.js';
import type { FinishedIssue } from '../../src/contract/run.js';
import { carryState, restoreState } from '../../workflows/carried-state.js';
import type { CarriedState } from '../../workflows/carried-state.js';
import { packIds, unpackIds } from '../../workflows/packed-ids.js';
import { initialState } from '../../workflows/state.js';
import type { CoordinatorState } from '../../workflows/state.js';
import { beginWork, finish, planRetry, refuse } from '../../workflows/transitions.js';
import { anyScenario } from './any-scenario.js';
import { simulateRun } from './simulate-run.js';

const at = new Date(0).toISOString();
const told = { previousRunId: 'run', warned: [] };
const throughJson = (state: CoordinatorState): CarriedState =>
  JSON.parse(JSON.stringify(carryState(state, told))) as CarriedState;

test('any state that a run gets into comes out of continue-as-new as it went in, but for what is looked up anew', () => {
  fc.assert(
    fc.property(anyScenario, (scenario) => {
      simulateRun(scenario, (state) => {
        const lookedUpAnew = { offered: null, listed: [], left: null, polling: null, asked: 0 };
        expect(restoreState(throughJson(state))).toEqual({ ...state, ...lookedUpAnew });
      });
    }),
    { numRuns: 150 },
  );
});

test('lists of ids come back as they were, whatever they share', () => {
  const id = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ maxLength: 3 }),
    fc.constant('💥a'),
    fc.constant('💦'),
  );
  fc.assert(
    fc.property(fc.string(), fc.array(id), (prefix, names) => {
      const ids = names.map((name) => prefix + name);
      expect(unpackIds(JSON.parse(JSON.stringify(packIds(ids))) as ReturnType<typeof packIds>)).toEqual(ids);
    }),
  );
});

test('what a run of an earlier version carried over is understood', () => {
  const state = initialState('p', 'run-1', at);
  finish(state, finished('a', 'succeeded', 'done'));
  refuse(state, 'b');
  const { idleToldAtMs: _, ...rest } = carryState(state, told).state;
  const lists = { succeeded: ['a'], failed: [], aborted: [], refused: ['b'], stale: [] };
  const earlier = { ...carryState(state, told), state: { ...rest, ...lists } } as unknown as CarriedState;
  expect(restoreState(earlier)).toEqual(state);
});

const outcomes = fc.infiniteStream(fc.constantFrom<IssueOutcome>('succeeded', 'no_change', 'failed', 'aborted'));
const anyText = fc.oneof(
  fc.string({ maxLength: 3_000 }),
  fc.string({ unit: 'grapheme', maxLength: 3_000 }),
  fc.constantFrom('失敗'.repeat(1_500), 'exit 1', 'x'.repeat(3_000)),
);

test('ten thousand finished issues, with fifty agents at work and fifty retries, are less than 256 KB', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z-]{1,30}$/),
      outcomes,
      fc.infiniteStream(anyText),
      fc.constantFrom(1, 7, 1_000_003),
      (project, outcome, text, step) => {
        const state = initialState(project, 'run-1', at);
        const idOf = (index: number) => `${project}-${(index * step).toString(36)}`;
        const next = () => text.next().value;
        for (let index = 0; index < 10_000; index += 1) {
          finish(state, finished(idOf(index), outcome.next().value, index > 9_000 ? next() : 'exit 0'));
        }
        for (let index = 10_000; index < 10_100; index += 1) {
          const issue = {
            id: idOf(index),
            title: next().slice(0, 100),
            workspace: `/home/somebody/${project}/${index}`,
          };
          const work = beginWork(state, issue, at);
          work.previous = next();
          const plan = {
            attempt: 2,
            resumption: 0,
            dueAt: at,
            reason: next(),
            previous: next(),
          };
          if (index % 2 === 0) planRetry(state, work, plan, at);
        }
        expect(Buffer.byteLength(JSON.stringify(carryState(state, told)))).toBeLessThan(256 * 1024);
        const after = restoreState(throughJson(state));
        expect(after.through).toEqual(state.through);
        expect([...after.active.keys(), ...after.retries.keys()]).toEqual([
          ...state.active.keys(),
          ...state.retries.keys(),
        ]);
      },
    ),
    { numRuns: 20 },
  );
}, 60_000);

function finished(id: string, outcome: IssueOutcome, reason: string): FinishedIssue {
  return { id, title: `Title of ${id}`, outcome, reason, attempts: 1, agent: 'succeeded', workspace: `/project/${id}` };
}
