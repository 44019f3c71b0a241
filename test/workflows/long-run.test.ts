import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../src/contract/run.js';
import { SETTINGS, agentResult, eventsOf, openWorld, stateOf, waitFor } from './scripted-world.js';

describe('a run that lasts', () => {
  test('continues as new with agents running, and nobody notices: seq, outcomes, one agent each', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `i-${index}`);
    const starts = new Map<string, number>();
    const world = await openWorld(ids);
    world.activities.runAgent = async ({ issueId }) => {
      starts.set(issueId, (starts.get(issueId) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, issueId === 'i-0' ? 3_000 : 30));
      return agentResult();
    };
    const handle = await world.start({ project_dir: '/project', max_agents: 4, history_limit: 100 });
    const result = (await handle.result()) as RunResult;
    expect(result.succeeded.toSorted()).toEqual(ids.toSorted());
    expect((await world.handle().describe()).runId).not.toBe(result.runId);
    const events = await eventsOf(world.handle());
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter((event) => event.event === 'run_started')).toHaveLength(1);
    const told = events.map((event) => JSON.stringify({ ...event, seq: 0, time: '' }));
    expect(told.filter((body, index) => body === told[index - 1])).toEqual([]);
    for (const id of ids) {
      for (const name of ['agent_started', 'agent_finished', 'issue_finalized']) {
        expect(
          events.filter((event) => event.event === name && 'id' in event && event.id === id),
          `${name} ${id}`,
        ).toHaveLength(1);
      }
    }
  });

  test('a usage limit uses up no attempt, holds everything back until it ends, and goes on by itself', async () => {
    const world = await openWorld(['a', 'b']);
    let until = '';
    const seen: { id: string; attempt: number; resumption: number; at: number }[] = [];
    world.activities.runAgent = async ({ issueId: id, attempt, resumption }) => {
      seen.push({ id, attempt, resumption, at: Date.now() });
      // Long enough to be looked at while it lasts, however busy the machine is.
      if (seen.length === 1) until = new Date(Date.now() + 15_000).toISOString();
      return seen.length === 1
        ? agentResult({ outcome: 'limited', reason: '5 hours', limitedUntil: until })
        : agentResult();
    };
    const handle = await world.start({ project_dir: '/project', max_agents: 1 });
    const state = await waitFor(
      () => stateOf(handle),
      ({ usageLimit }) => usageLimit !== null,
    );
    expect(state).toMatchObject({
      usageLimit: { until, reason: '5 hours' },
      retries: [{ id: 'a', attempt: 1, dueAt: until }],
    });
    expect(state.waitingFor).toContain(until);
    expect(await handle.result()).toMatchObject({ outcome: 'completed', failed: [] });
    expect(seen.slice(1).every(({ at }) => at >= Date.parse(until) - 50)).toBe(true);
    expect(seen.filter(({ id }) => id === 'a')).toMatchObject([
      { attempt: 1, resumption: 0 },
      { attempt: 1, resumption: 1 },
    ]);
  });

  test('with watch it stays when nothing is ready, and takes what comes', async () => {
    const world = await openWorld([]);
    world.settings = { ...SETTINGS, pollIntervalMs: 100 };
    const handle = await world.start({ project_dir: '/project', watch: true });
    await waitFor(
      () => world.count('fetchReadyIssues'),
      (count) => count > 3,
    );
    world.ready = ['late'];
    await waitFor(
      () => stateOf(handle),
      ({ succeeded }) => succeeded.includes('late'),
    );
    await handle.signal('drain');
    expect(await handle.result()).toMatchObject({ outcome: 'completed', succeeded: ['late'] });
    const idle = (await eventsOf(handle)).filter((event) => event.event === 'idle');
    expect(idle).toHaveLength(1);
  });

  test('says that it is idle every few minutes, not at each poll, nor when it continues as new', async () => {
    const world = await openWorld([]);
    world.settings = { ...SETTINGS, pollIntervalMs: 20 };
    const handle = await world.start({ project_dir: '/project', watch: true, history_limit: 60 });
    const first = (await handle.describe()).runId;
    await waitFor(
      async () => (await world.handle().describe()).runId,
      (runId) => runId !== first,
    );
    const polls = world.count('fetchReadyIssues');
    await waitFor(
      () => world.count('fetchReadyIssues'),
      (count) => count > polls + 2,
    );
    await world.handle().signal('drain');
    await handle.result();
    const events = await eventsOf(world.handle());
    expect(events.map((event) => event.event)).toEqual(['run_started', 'idle', 'run_finished']);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });
});
