import { describe, expect, test } from 'vitest';
import { followRun } from '../../src/cli/follow-run.js';
import type { RunView } from '../../src/cli/views/run-view.js';
import type { RunEvent } from '../../src/contract/events.js';
import type { EventsPage } from '../../src/contract/run.js';
import { UserError } from '../../src/errors.js';
import { aResult, aSnapshot } from './views/snapshot.js';

const time = '2026-01-02T03:04:05.000Z';
const eventsUpTo = (last: number): RunEvent[] =>
  Array.from({ length: last }, (_, at) => ({ seq: at + 1, time, event: 'warning', message: `${at + 1}` }));

/** A run whose events are those that there are when it is asked, two a page. */
function aRun(happened: () => number, result: () => Promise<ReturnType<typeof aResult>>) {
  return {
    async events(after: number): Promise<EventsPage> {
      const all = eventsUpTo(happened());
      return { events: all.slice(after, after + 2), lastSeq: all.length, firstSeq: 1, previousRunId: null };
    },
    state: () => Promise.resolve(aSnapshot()),
    result,
    describe: () => Promise.resolve(undefined),
  };
}

function aView(needsState: RunView['needsState'] = 'never') {
  const seen: number[] = [];
  const view: RunView = {
    needsState,
    state: () => seen.push(0),
    event: ({ seq }) => seen.push(seq),
    note: () => {},
    trouble: () => {},
    close: () => {},
  };
  return { view, seen };
}

const common = { signal: new AbortController().signal, onTrouble: () => {}, interval: 1 };

describe('following a run', () => {
  test('shows every event once, in order, page by page, until it has ended', async () => {
    let happened = 3;
    let end: (value: ReturnType<typeof aResult>) => void = () => {};
    const result = new Promise<ReturnType<typeof aResult>>((resolve) => (end = resolve));
    const { view, seen } = aView();
    const run = aRun(
      () => happened,
      () => result,
    );
    const following = followRun({ ...common, handle: () => run, view });
    await expect.poll(() => seen).toEqual([1, 2, 3]);
    happened = 8;
    end(aResult());
    expect(await following).toEqual(aResult());
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('asks for the state before it shows what happened, where the view needs titles', async () => {
    const { view, seen } = aView('on-events');
    const run = aRun(
      () => 1,
      () => Promise.resolve(aResult()),
    );
    await followRun({ ...common, handle: () => run, view });
    expect(seen).toEqual([0, 1]);
  });

  test('misses nothing and repeats nothing when looks fail in between', async () => {
    let looks = 0;
    const troubles: unknown[] = [];
    const { view, seen } = aView();
    const run = aRun(
      () => Math.min(6, looks),
      () => (looks > 12 ? Promise.resolve(aResult()) : new Promise(() => {})),
    );
    const flaky = {
      ...run,
      events: (after: number) => ((looks += 1) % 2 === 0 ? Promise.reject(new Error('away')) : run.events(after)),
      result: async () => {
        await expect.poll(() => looks > 12).toBe(true);
        return aResult();
      },
    };
    await followRun({ ...common, handle: () => flaky, view, onTrouble: (error) => troubles.push(error) });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    expect(troubles.some((error) => error instanceof Error)).toBe(true);
    expect(troubles).toContain(undefined);
  });

  test('repeats nothing of a first page when the second one fails', async () => {
    let looks = 0;
    const { view, seen } = aView();
    const run = aRun(
      () => 5,
      () => Promise.resolve(aResult()),
    );
    const flaky = {
      ...run,
      events: (after: number) => ((looks += 1) === 2 ? Promise.reject(new Error('away')) : run.events(after)),
    };
    await followRun({ ...common, handle: () => flaky, view });
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  test('returns the result of an ended run whose events nobody can tell any more', async () => {
    const run = {
      ...aRun(
        () => 0,
        () => Promise.resolve(aResult()),
      ),
      events: () => Promise.reject(new Error('no worker')),
    };
    expect(await followRun({ ...common, patience: 50, handle: () => run, view: aView().view })).toEqual(aResult());
  });

  test('goes on looking for the last events of an ended run, however often a look fails', async () => {
    let looks = 0;
    const { view, seen } = aView();
    const run = aRun(
      () => 3,
      () => Promise.resolve(aResult()),
    );
    const slow = {
      ...run,
      events: (after: number) => ((looks += 1) < 20 ? Promise.reject(new Error('not settled')) : run.events(after)),
    };
    expect(await followRun({ ...common, handle: () => slow, view })).toEqual(aResult());
    expect(seen).toEqual([1, 2, 3]);
  });

  test('asks again for a result that an outage has cost, although the run has ended meanwhile', async () => {
    let asked = 0;
    const run = aRun(
      () => 1,
      () => ((asked += 1) === 1 ? Promise.reject(new Error('unavailable')) : Promise.resolve(aResult())),
    );
    expect(await followRun({ ...common, handle: () => run, view: aView().view })).toEqual(aResult());
  });

  test('throws what ended a run without a result', async () => {
    const run = aRun(
      () => 1,
      () => Promise.reject(new UserError('terminated by somebody')),
    );
    await expect(followRun({ ...common, handle: () => run, view: aView().view })).rejects.toThrow(
      'terminated by somebody',
    );
  });

  test('stops when it is told to', async () => {
    const leave = new AbortController();
    const run = aRun(
      () => 1,
      () => new Promise(() => {}),
    );
    const { view, seen } = aView();
    const following = followRun({ ...common, handle: () => run, view, signal: leave.signal });
    await expect.poll(() => seen).toEqual([1]);
    leave.abort(new Error('enough'));
    await expect(following).rejects.toThrow('enough');
  });
});
