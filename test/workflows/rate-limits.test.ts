import { ApplicationFailure } from '@temporalio/activity';
import { describe, expect, test } from 'vitest';
import { SETTINGS, eventsOf, openWorld, waitFor } from './scripted-world.js';

describe("a tracker's rate limit", () => {
  const limit = (retryAfterMs: number): ApplicationFailure =>
    ApplicationFailure.create({ message: 'its rate limit is reached', details: [{ retryAfterMs }] });

  test('is waited for, however long, and is told', async () => {
    const world = await openWorld(['a']);
    world.settings = { ...SETTINGS, pollGiveUpMs: 100 };
    const { fetchReadyIssues, finalizeIssue } = world.activities;
    const failures = { fetch: [limit(800), limit(800)], finalize: [limit(800)] };
    let polled = false;
    world.activities.fetchReadyIssues = async (request) => {
      const failure = polled ? failures.fetch.pop() : undefined;
      polled = true;
      if (failure) throw failure;
      return fetchReadyIssues(request);
    };
    world.activities.finalizeIssue = async (request) => {
      const failure = failures.finalize.pop();
      if (failure) throw failure;
      return finalizeIssue(request);
    };
    const { result, events } = await world.run();
    expect(result).toMatchObject({ outcome: 'completed', succeeded: ['a'] });
    expect(failures).toEqual({ fetch: [], finalize: [] });
    const warnings = events.flatMap((event) => (event.event === 'warning' ? [event.message] : []));
    expect(warnings).toEqual([
      'a: its rate limit is reached; trying again',
      'the tracker could not be read: its rate limit is reached; trying again',
    ]);
  });

  test("isn't waited for by an abort", async () => {
    const world = await openWorld(['a']);
    world.activities.finalizeIssue = async () => {
      throw limit(3_600_000);
    };
    const handle = await world.start();
    await waitFor(
      () => eventsOf(handle),
      (events) => events.some(({ event }) => event === 'warning'),
    );
    await handle.signal('abort', 'enough');
    expect(await handle.result()).toMatchObject({ outcome: 'aborted' });
  });
});
