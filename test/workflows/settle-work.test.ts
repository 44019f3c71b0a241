import { expect, test } from 'vitest';
import type { ActiveWork } from '../../workflows/state.js';
import { initialState } from '../../workflows/state.js';
import { settleWork } from '../../workflows/settle-work.js';
import { SETTINGS, agentResult } from './scripted-world.js';

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const after = (seconds: number): string => new Date(nowMs + seconds * 1000).toISOString();

/** When the attempt goes on of an agent that was stopped by a usage limit, for the nth time in a row. */
function goesOnAt(limitedUntil: string, resumption: number, patched = () => true): string | undefined {
  const state = initialState('p', 'run-1', after(0));
  state.settings = { ...SETTINGS, maxRetryBackoffMs: 60_000 };
  const work: ActiveWork = { id: 'a', title: '', attempt: 1, resumption, phase: 'running', since: after(0) };
  state.active.set('a', work);
  const result = agentResult({ outcome: 'limited', reason: 'limited', limitedUntil });
  const [event] = settleWork(state, work, { result, stopped: null, nowMs, patched });
  const dueAt = state.retries.get('a')?.dueAt;
  expect(event).toMatchObject({ event: 'usage_limited', until: dueAt });
  expect(state.retries.get('a')).toMatchObject({ attempt: 1, resumption: resumption + 1 });
  return dueAt;
}

test('an agent goes on when its usage limit ends, also at once', () => {
  expect(goesOnAt(after(3_600), 0)).toBe(after(3_600));
  expect(goesOnAt(after(3_600), 5)).toBe(after(3_600));
  expect(goesOnAt(after(0), 0)).toBe(after(0));
});

test('one that says again and again that it ends now waits longer and longer', () => {
  expect([1, 2, 3, 4, 100].map((resumption) => goesOnAt(after(0), resumption))).toEqual(
    [10, 20, 40, 60, 60].map(after),
  );
});

test('in a run from before that change it does not', () => {
  expect(goesOnAt(after(0), 3, () => false)).toBe(after(0));
});
