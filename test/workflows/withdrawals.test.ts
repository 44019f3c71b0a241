import { expect, test } from 'vitest';
import type { FetchRequest } from '../../src/contract/activities.js';
import type { RunResult } from '../../src/contract/run.js';
import { carryState } from '../../workflows/carried-state.js';
import { initialState, type ActiveWork } from '../../workflows/state.js';
import {
  LANDED,
  SETTINGS,
  agentResult,
  eventsOf,
  openWorld,
  untilStopped,
  waitFor,
  type ScriptedWorld,
} from './scripted-world.js';

const reason = 'somebody set it to closed';

/** Somebody closes `a` as soon as `isClosed`: garland sees it when it looks at it. */
function closeByHand(world: ScriptedWorld, isClosed: (request: FetchRequest) => boolean): void {
  const { fetchReadyIssues } = world.activities;
  world.activities.fetchReadyIssues = async (request) => ({
    ...(await fetchReadyIssues(request)),
    withdrawn: request.watch.filter((id) => id === 'a' && isClosed(request)).map((id) => ({ id, reason })),
  });
}

test('an issue that somebody takes away is stopped, and nothing of it lands, although every slot is taken', async () => {
  const world = await openWorld(['a', 'b'], { runAgent: untilStopped });
  world.settings = { ...SETTINGS, pollIntervalMs: 150 };
  closeByHand(world, () => true);
  const handle = await world.start({ project_dir: '/project', max_agents: 1, max_issues: 1 });
  const result = (await handle.result()) as RunResult;
  expect(result).toMatchObject({ outcome: 'completed', aborted: ['a'], succeeded: [] });
  expect(result.finished[0]?.reason).toBe(reason);
  expect(world.count('verifyWork')).toBe(0);
});

test('one that waits for its next attempt is not started again', async () => {
  const world = await openWorld(['a', 'b']);
  world.settings = { ...SETTINGS, maxAttempts: 2, pollIntervalMs: 150, agentKinds: ['shell'] };
  world.activities.runAgent = async () => agentResult({ outcome: 'limited', limitedUntil: inAnHour() });
  closeByHand(world, () => world.count('runAgent') > 0);
  const handle = await world.start({ project_dir: '/project', max_agents: 1, max_issues: 1 });
  const result = (await handle.result()) as RunResult;
  expect(result).toMatchObject({ outcome: 'completed', aborted: ['a'] });
  expect(result.finished[0]?.reason).toBe(`${reason} before its attempt went on`);
  expect(world.count('runAgent')).toBe(1);
  expect((await eventsOf(handle)).filter(({ event }) => event === 'issue_withdrawn')).toMatchObject([
    { id: 'a', reason },
  ]);
});

test('one that garland is closing itself was not taken away', async () => {
  const world = await openWorld(['a', 'b']);
  world.settings = { ...SETTINGS, pollIntervalMs: 100 };
  const { finalizeIssue } = world.activities;
  let closed = false;
  let looks = 0;
  world.activities.finalizeIssue = async (request) => {
    closed ||= request.issueId === 'a';
    // Its answer comes after that of a look which was asked for before.
    await waitFor(
      () => looks,
      (count) => count > 0,
    );
    return finalizeIssue(request);
  };
  const { fetchReadyIssues } = world.activities;
  world.activities.fetchReadyIssues = async (request) => {
    if (!request.watch.includes('a')) return fetchReadyIssues(request);
    await waitFor(
      () => closed,
      (is) => is,
    );
    looks += 1;
    return { ...(await fetchReadyIssues(request)), withdrawn: [{ id: 'a', reason }] };
  };
  world.activities.runAgent = async () => {
    // Until it is watched.
    await waitFor(
      () => world.count('fetchReadyIssues'),
      (count) => count > 1,
    );
    return agentResult();
  };
  const { result, events } = await world.run({ project_dir: '/project', max_agents: 2, max_issues: 2 });
  expect(looks).toBeGreaterThan(0);
  expect(result.succeeded.toSorted()).toEqual(['a', 'b']);
  expect(events.map(({ event }) => event)).not.toContain('issue_withdrawn');
});

test('one in its gate does not land when the run continued as new just then', async () => {
  const world = await openWorld(['a']);
  const settled: boolean[] = [];
  world.activities.verifyWork = async ({ settle = false }) => {
    settled.push(settle);
    return settle ? { accepted: false, kind: 'aborted', reason: 'stopped' } : LANDED;
  };
  const now = new Date().toISOString();
  const state = initialState(world.project, 'run-1', now);
  const settings = { ...SETTINGS, agentKinds: ['shell' as const] };
  Object.assign(state, { settings, spawned: 1, maxIssues: 1, maxAgents: 1 });
  const work: ActiveWork = {
    id: 'a',
    title: 'A',
    workspace: '/a',
    attempt: 1,
    resumption: 0,
    phase: 'verifying',
    since: now,
  };
  state.active.set('a', { ...work, result: agentResult(), withdrawn: reason });
  const handle = await world.start(undefined, carryState(state, { previousRunId: 'run-1', warned: [] }));
  expect(await handle.result()).toMatchObject({ aborted: ['a'], succeeded: [] });
  expect(settled).toEqual([true]);
});

function inAnHour(): string {
  return new Date(Date.now() + 3_600_000).toISOString();
}
