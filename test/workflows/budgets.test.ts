import { describe, expect, test } from 'vitest';
import type { Budget } from '../../src/contract/activities.js';
import type { RunEvent } from '../../src/contract/events.js';
import type { RunResult } from '../../src/contract/run.js';
import {
  LANDED,
  SETTINGS,
  agentResult,
  eventsOf,
  openWorld,
  stateOf,
  untilStopped,
  waitFor,
  type ScriptedWorld,
} from './scripted-world.js';

async function openBudget(ready: string[], budget: Partial<Budget>): Promise<ScriptedWorld> {
  const world = await openWorld(ready);
  setBudget(world, budget);
  return world;
}

/** As an edit of WORKFLOW.md. */
function setBudget(world: ScriptedWorld, budget: Partial<Budget>): void {
  world.settings = {
    ...SETTINGS,
    maxAttempts: 3,
    maxTurns: 3,
    pollIntervalMs: 400,
    agentKinds: ['shell', 'claude'],
    budget: { hard: false, ...budget },
  };
}

const uses = (usd: number) => ({ usage: { inputTokens: 100, cachedInputTokens: 50, outputTokens: 10, usd } });
const told = (events: RunEvent[]) =>
  events.flatMap(({ seq: _seq, time: _time, ...event }) => (event.event.includes('budget') ? [event] : []));

describe('a budget of the run', () => {
  test('is told at 80%, starts nothing more at 100%, and the run goes on when it is raised', async () => {
    const world = await openBudget(['a', 'b', 'c', 'd'], { runUsd: 1 });
    world.activities.runAgent = async () => agentResult(uses(0.5));
    const handle = await world.start({ project_dir: '/project', max_agents: 1 });
    const state = await waitFor(
      () => stateOf(handle),
      ({ waitingFor, active }) => waitingFor.includes('budget') && active.length === 0,
    );
    expect(state.waitingFor).toBe(
      'Starts nothing until the budget in WORKFLOW.md is raised: the budget is spent (run: $1.00 of $1.00).',
    );
    expect(state).toMatchObject({
      succeeded: ['a', 'b'],
      usage: { inputTokens: 200, cachedInputTokens: 100, outputTokens: 20, usd: 1 },
      budgets: [{ scope: 'run', unit: 'usd', spent: 1, limit: 1 }],
    });
    await waitFor(
      () => stateOf(handle),
      ({ ready }) => ready.length === 2,
    );
    setBudget(world, { runUsd: 2.4 });
    const result = (await handle.result()) as RunResult;
    expect(result).toMatchObject({ outcome: 'completed', succeeded: ['a', 'b', 'c', 'd'], usage: { usd: 2 } });
    expect(result.finished[0]?.usage).toEqual(uses(0.5).usage);
    const run = { scope: 'run', unit: 'usd' };
    expect(told(await eventsOf(handle))).toEqual([
      { event: 'budget_reached', ...run, spent: 1, limit: 1 },
      { event: 'waiting_for_budget', ...run, spent: 1, limit: 1 },
      { event: 'budget_warning', ...run, spent: 2, limit: 2.4 },
    ]);
  });

  test('that is spent when nothing is left to do holds up nothing; nor does it a drain', async () => {
    const world = await openBudget(['a'], { runTokens: 110 });
    world.settings = { ...world.settings, pollIntervalMs: 60_000 };
    world.activities.runAgent = async () => agentResult(uses(0.5));
    const { result, events } = await world.run();
    expect(result).toMatchObject({ outcome: 'completed', succeeded: ['a'] });
    expect(events.at(-2)).toMatchObject({ event: 'no_more_issues', reason: 'none_ready' });
    expect(told(events)).toEqual([{ event: 'budget_reached', scope: 'run', unit: 'tokens', spent: 110, limit: 110 }]);

    const other = await openBudget(['a', 'b'], { runTokens: 0 });
    const handle = await other.start();
    await waitFor(
      () => stateOf(handle),
      ({ waitingFor }) => waitingFor.includes('budget'),
    );
    await handle.signal('drain');
    expect(await handle.result()).toMatchObject({ outcome: 'completed', issuesSpawned: 0 });
  });

  test('that is hard stops active agents, keeps their work, and the same attempt goes on', async () => {
    const world = await openBudget(['long', 'dear'], { runUsd: 1, hard: true });
    const asked: { id: string; attempt: number; resumption: number; allowance: number | undefined }[] = [];
    world.activities.runAgent = async (request) => {
      const { issueId: id, attempt, resumption, allowanceUsd: allowance, settle } = request;
      if (!settle) asked.push({ id, attempt, resumption, allowance });
      if (id === 'long' && resumption === 0) return { ...(await untilStopped(request)), ...(settle ? uses(0.25) : {}) };
      if (id === 'dear')
        await waitFor(
          () => asked,
          (all) => all.length === 2,
        );
      return agentResult(uses(id === 'dear' ? 1 : 0.5));
    };
    const handle = await world.start({ project_dir: '/project', max_agents: 2 });
    const state = await waitFor(
      () => stateOf(handle),
      ({ retries, active }) => retries.length === 1 && active.length === 0,
    );
    expect(state).toMatchObject({ succeeded: ['dear'], usage: { usd: 1.25 } });
    expect(state.retries).toMatchObject([{ id: 'long', attempt: 1, usage: { usd: 0.25 } }]);
    expect(world.count('verifyWork', 'long')).toBe(0);
    setBudget(world, { runUsd: 5, hard: true });
    expect(await handle.result()).toMatchObject({ succeeded: ['dear', 'long'], usage: { usd: 1.75 } });
    expect(asked.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
      { id: 'dear', attempt: 1, resumption: 0, allowance: 1 },
      { id: 'long', attempt: 1, resumption: 0, allowance: 1 },
      { id: 'long', attempt: 1, resumption: 1, allowance: 3.75 },
    ]);
    expect(await eventsOf(handle)).toContainEqual(
      expect.objectContaining({
        event: 'attempt_held',
        id: 'long',
        attempt: 1,
        reason: 'the budget of the run is spent: $1.00 of $1.00',
      }),
    );
  });

  test('counts to the cent across continue-as-new, whatever ends when', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `i-${index}`);
    const world = await openBudget(ids, { runUsd: 100 });
    world.settings = { ...world.settings, pollIntervalMs: 60_000 };
    world.activities.runAgent = async () => agentResult(uses(0.1));
    const handle = await world.start({ project_dir: '/project', max_agents: 4, history_limit: 100 });
    const result = (await handle.result()) as RunResult;
    expect((await world.handle().describe()).runId).not.toBe(result.runId);
    expect(result.usage).toEqual({ inputTokens: 4000, cachedInputTokens: 2000, outputTokens: 400, usd: 4 });
  });
});

test('the budget of an issue: no further turn or attempt for it, the others go on', async () => {
  const world = await openBudget(['a', 'b'], { issueUsd: 1 });
  world.activities.runAgent = async () => agentResult({ ...uses(0.6), resumable: true });
  world.activities.verifyWork = async ({ issueId }) =>
    issueId === 'a' ? { accepted: false, kind: 'gate_failed', reason: 'npm test: exit 1' } : LANDED;
  const { result, events } = await world.run();
  expect(result).toMatchObject({ failed: ['a'], succeeded: ['b'], usage: { usd: 1.8 } });
  expect(world.count('runAgent', 'a')).toBe(2);
  expect(result.finished.find(({ id }) => id === 'a')).toMatchObject({
    reason: 'npm test: exit 1; the budget of the issue is spent: $1.20 of $1.00',
    usage: { usd: 1.2 },
  });
  const meter = { id: 'a', scope: 'issue', unit: 'usd', limit: 1 };
  expect(told(events)).toEqual([{ event: 'budget_reached', ...meter, spent: 1.2 }]);
});

describe('the budget of a day', () => {
  test('counts what earlier runs have spent, and goes on by itself when the day ends', async () => {
    const world = await openBudget(['a', 'b'], { dayUsd: 1 });
    world.day = { date: '2026-01-31', endsAt: new Date(Date.now() + 3_600_000).toISOString() };
    world.spentTodayUsd = 0.75;
    const starts: number[] = [];
    world.activities.runAgent = async () => {
      starts.push(Date.now());
      return agentResult(uses(0.5));
    };
    const handle = await world.start({ project_dir: '/project', max_agents: 1 });
    const state = await waitFor(
      () => stateOf(handle),
      ({ waitingFor }) => waitingFor.includes('budget'),
    );
    expect(state.waitingFor).toBe(
      `Starts nothing before ${world.day.endsAt}: the budget is spent (day: $1.25 of $1.00).`,
    );
    const endsAt = new Date(Date.now() + 2_000).toISOString();
    world.day = { date: '2026-01-31', endsAt };
    expect(await handle.result()).toMatchObject({ succeeded: ['a', 'b'], usage: { usd: 1 } });
    expect(starts[1]).toBeGreaterThanOrEqual(Date.parse(endsAt) - 50);
  });
});

test('agents that do not tell what they use are told of, once, where there is a budget', async () => {
  const world = await openBudget(['a', 'b'], { runUsd: 1 });
  const { events } = await world.run();
  const warnings = events.flatMap((event) => (event.event === 'warning' ? [event.message] : []));
  expect(warnings).toEqual(["agents of kind shell don't tell what they use: budgets don't count them"]);
});

test('what is known in tokens alone is told of, once, where a budget is in dollars, however its agent ended', async () => {
  const world = await openBudget(['a', 'b'], { runUsd: 5, runTokens: 1_000_000 });
  const usage = { inputTokens: 10, cachedInputTokens: 0, outputTokens: 10, usd: null };
  world.activities.runAgent = async () => agentResult({ outcome: 'lost', reason: 'gone', usage });
  const { events } = await world.run();
  const warnings = events.flatMap((event) => (event.event === 'warning' ? [event.message] : []));
  expect(warnings).toEqual([
    "what an agent of kind shell has used is known in tokens alone: set shell.prices, or budgets in US dollars don't count it",
  ]);
});

test('an edit of WORKFLOW.md that is broken is told once, and once when it is mended', async () => {
  const world = await openBudget([], {});
  const handle = await world.start({ project_dir: '/project', watch: true });
  const polled = async (times: number) => {
    const before = world.count('fetchReadyIssues');
    await waitFor(
      () => world.count('fetchReadyIssues'),
      (count) => count >= before + times,
    );
  };
  await polled(2);
  world.brokenEdit = { version: '1', message: 'WORKFLOW.md:3: agent.kind: found hal' };
  await polled(3);
  world.brokenEdit = { version: '2', message: 'WORKFLOW.md:3: agent.kind: found hal' };
  await polled(3);
  world.brokenEdit = undefined;
  await polled(3);
  await handle.signal('drain');
  await handle.result();
  const warnings = (await eventsOf(handle)).flatMap((event) => (event.event === 'warning' ? [event.message] : []));
  const broken = 'WORKFLOW.md:3: agent.kind: found hal; going on with WORKFLOW.md as it was before';
  const mended = 'WORKFLOW.md can be used again, and applies to what starts from now on';
  expect(warnings).toEqual([broken, broken, mended]);
});

test('a run that follows WORKFLOW.md starts as many agents as it says now; one that was told a number keeps to it', async () => {
  const world = await openBudget(['a', 'b', 'c'], {});
  world.settings = { ...world.settings, maxAgents: 1 };
  world.activities.runAgent = untilStopped;
  const handle = await world.start({ project_dir: '/project', max_agents: 1, follows_file: true });
  await waitFor(
    () => world.count('runAgent'),
    (count) => count === 1,
  );
  world.settings = { ...world.settings, maxAgents: 3 };
  await waitFor(
    () => world.count('runAgent'),
    (count) => count === 3,
  );
  await handle.signal('abort', 'seen');
  await handle.result();

  const pinned = await openBudget(['a', 'b', 'c'], {});
  pinned.settings = { ...pinned.settings, maxAgents: 3 };
  let most = 0;
  let running = 0;
  pinned.activities.runAgent = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 50));
    running -= 1;
    return agentResult();
  };
  expect((await pinned.run({ project_dir: '/project', max_agents: 1 })).result.succeeded).toHaveLength(3);
  expect(most).toBe(1);
});
