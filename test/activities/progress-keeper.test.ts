import { expect, test, vi } from 'vitest';
import { startKeeping } from '../../activities/progress-keeper.js';

const NEVER = new AbortController().signal;
const never = () => new Promise<string[]>(() => {});

test('keeps again and again, until it is stopped', async () => {
  let calls = 0;
  const keeper = startKeeping(async () => ((calls += 1), []), { intervalMs: 1, signal: NEVER });
  await vi.waitFor(() => expect(calls).toBeGreaterThan(3), { timeout: 15_000 });
  keeper.stop();
  const after = calls;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(calls).toBeLessThanOrEqual(after + 1);
});

test('one that is under way is told, and not waited for; the next never begins', async () => {
  const signals: AbortSignal[] = [];
  const keep = (signal: AbortSignal) => (signals.push(signal), never());
  const keeper = startKeeping(keep, { intervalMs: 1, signal: NEVER });
  await vi.waitFor(() => expect(signals).toHaveLength(1), { timeout: 15_000 });
  keeper.stop();
  expect(signals[0]?.aborted).toBe(true);
});

test.each([
  ['with an interval of 0', 0, NEVER],
  ['after an abort', 1, AbortSignal.abort()],
])('keeps nothing %s', async (_name, intervalMs, signal) => {
  let calls = 0;
  startKeeping(async () => ((calls += 1), []), { intervalMs, signal });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(calls).toBe(0);
});

test('tells its first failure and what was said first, once, and goes on', async () => {
  let calls = 0;
  const keep = async () => {
    calls += 1;
    if (calls % 2 === 1) throw new Error(`disk full ${calls}`);
    return [`said ${calls}`];
  };
  const keeper = startKeeping(keep, { intervalMs: 1, signal: NEVER });
  await vi.waitFor(() => expect(calls).toBeGreaterThan(4), { timeout: 15_000 });
  keeper.stop();
  expect(keeper.notes).toEqual(['its work in progress could not be kept: disk full 1', 'said 2']);
});
