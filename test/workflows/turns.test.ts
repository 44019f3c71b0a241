import { describe, expect, test } from 'vitest';
import type { AttemptRequest } from '../../src/contract/activities.js';
import type { Verdict } from '../../src/contract/outcomes.js';
import {
  LANDED,
  SETTINGS,
  agentResult,
  eventsOf,
  openWorld,
  stateOf,
  waitFor,
  type ScriptedWorld,
} from './scripted-world.js';

async function openTurns(ready: string[]): Promise<ScriptedWorld> {
  const world = await openWorld(ready);
  world.settings = { ...SETTINGS, maxAttempts: 2, maxTurns: 3, agentKinds: ['shell', 'claude', 'codex'] };
  return world;
}

const RED: Verdict = { accepted: false, kind: 'gate_failed', reason: 'npm test: exit 1\nexpected 2, got 3' };
const told = ({ attempt, turn, resumption, previous }: AttemptRequest) => ({ attempt, turn, resumption, previous });

describe('after a red gate', () => {
  test('the agent goes on in its session, in the same slot and at once, with what the gate said', async () => {
    const world = await openTurns(['a', 'b']);
    const asked: ReturnType<typeof told>[] = [];
    world.activities.runAgent = async (request) => {
      if (request.issueId === 'a') asked.push(told(request));
      return agentResult({ resumable: true });
    };
    world.activities.verifyWork = async ({ issueId, turn = 1 }) => (issueId === 'a' && turn < 3 ? RED : LANDED);
    const { result, events } = await world.run({ project_dir: '/project', max_agents: 1 });
    expect(result.succeeded).toEqual(['a', 'b']);
    expect(asked).toEqual([
      { attempt: 1, resumption: 0 },
      { attempt: 1, turn: 2, resumption: 1, previous: RED.reason },
      { attempt: 1, turn: 3, resumption: 2, previous: RED.reason },
    ]);
    const of = events.flatMap((event) => ('id' in event && event.id === 'a' ? [event] : []));
    expect(of.map((event) => [event.event, 'turn' in event ? event.turn : undefined])).toEqual([
      ['agent_started', undefined],
      ['agent_finished', undefined],
      ['work_rejected', 1],
      ['agent_started', 2],
      ['agent_finished', 2],
      ['work_rejected', 2],
      ['agent_started', 3],
      ['agent_finished', 3],
      ['issue_finalized', undefined],
    ]);
    expect(of.find(({ event }) => event === 'work_rejected')).toMatchObject({ attempt: 1, reason: 'npm test: exit 1' });
    expect(result.finished[0]).toMatchObject({ id: 'a', attempts: 1, turns: 3 });
  });

  test('after so many turns it is the next attempt, after the backoff and from turn 1', async () => {
    const world = await openTurns(['a']);
    const asked: (number | undefined)[][] = [];
    world.activities.runAgent = async ({ attempt, turn, resumption }) => {
      asked.push([attempt, turn, resumption]);
      return agentResult({ resumable: true });
    };
    world.activities.verifyWork = async () => RED;
    const { result, events } = await world.run();
    expect(asked).toEqual([
      [1, undefined, 0],
      [1, 2, 1],
      [1, 3, 2],
      [2, undefined, 0],
      [2, 2, 1],
      [2, 3, 2],
    ]);
    expect(result.failed).toEqual(['a']);
    expect(events.filter(({ event }) => event === 'retry_scheduled')).toHaveLength(1);
  });

  test('an agent without a session to go on with, and a conflict, mean another attempt', async () => {
    const world = await openTurns(['a', 'b']);
    world.activities.runAgent = async ({ issueId }) => agentResult({ resumable: issueId === 'b' });
    world.activities.verifyWork = async ({ issueId, attempt }) => {
      if (attempt > 1) return LANDED;
      return issueId === 'a' ? RED : { accepted: false, kind: 'conflict', reason: 'in x.ts' };
    };
    const { result, events } = await world.run();
    expect(result.succeeded.toSorted()).toEqual(['a', 'b']);
    expect(events.filter(({ event }) => event === 'work_rejected')).toEqual([]);
    expect(events.filter(({ event }) => event === 'retry_scheduled')).toHaveLength(2);
  });

  test('a drain starts no further turn: the issue goes back', async () => {
    const world = await openTurns(['a']);
    world.activities.runAgent = async () => agentResult({ resumable: true });
    world.activities.verifyWork = async () => {
      await world.handle().signal('drain');
      await waitFor(
        () => stateOf(world.handle()),
        ({ phase }) => phase === 'draining',
      );
      return RED;
    };
    const { result } = await world.run();
    expect(result).toMatchObject({ outcome: 'completed', aborted: ['a'] });
    expect(world.count('runAgent')).toBe(1);
  });
});

describe('usage limits of one kind of agents', () => {
  test('hold back issues of that kind; the others go on', async () => {
    const world = await openTurns(['c1', 'c2', 'x1', 'x2']);
    for (const id of ['c1', 'c2']) world.kinds.set(id, 'claude');
    for (const id of ['x1', 'x2']) world.kinds.set(id, 'codex');
    const limitedUntil = new Date(Date.now() + 3_600_000).toISOString();
    world.activities.runAgent = async ({ issueId: id, agent }) => {
      expect(agent?.kind).toBe(id.startsWith('c') ? 'claude' : 'codex');
      return id === 'c1' ? agentResult({ outcome: 'limited', reason: '5 hours', limitedUntil }) : agentResult();
    };
    const handle = await world.start({ project_dir: '/project', max_agents: 1 });
    const state = await waitFor(
      () => stateOf(handle),
      ({ succeeded, active }) => succeeded.length === 2 && active.length === 0,
    );
    expect(state.succeeded).toEqual(['x1', 'x2']);
    expect(state).toMatchObject({
      usageLimit: { until: limitedUntil, reason: '5 hours' },
      usageLimits: [{ kind: 'claude', until: limitedUntil, reason: '5 hours' }],
      retries: [{ id: 'c1', attempt: 1, agent: { kind: 'claude' } }],
      ready: ['c2'],
    });
    expect(state.waitingFor).toBe(`Starts nothing of claude before ${limitedUntil}: 5 hours.`);
    expect(await eventsOf(handle)).toContainEqual(
      expect.objectContaining({ event: 'usage_limited', id: 'c1', kind: 'claude' }),
    );
    await handle.signal('drain');
    expect(await handle.result()).toMatchObject({ outcome: 'completed', aborted: ['c1'], issuesSpawned: 3 });
  });

  test('hold back a further turn of that kind, too, which goes on by itself when they end', async () => {
    const world = await openTurns(['a', 'b']);
    let limitedUntil = '';
    const turns: { turn: number; at: number; previous: string | undefined }[] = [];
    world.activities.runAgent = async ({ issueId, turn = 1, resumption, previous }) => {
      if (issueId === 'a') turns.push({ turn, at: Date.now(), previous });
      if (issueId === 'a' || resumption > 0) return agentResult({ resumable: true });
      limitedUntil = new Date(Date.now() + 2_000).toISOString();
      return agentResult({ outcome: 'limited', reason: '5 hours', limitedUntil });
    };
    world.activities.verifyWork = async ({ issueId, turn }) => {
      if (issueId === 'b' || turn === 2) return LANDED;
      await waitFor(
        () => stateOf(world.handle()),
        ({ usageLimits }) => usageLimits.length === 1,
      );
      return RED;
    };
    const { result } = await world.run({ project_dir: '/project', max_agents: 2 });
    expect(result).toMatchObject({ outcome: 'completed', failed: [] });
    expect(turns).toMatchObject([{ turn: 1 }, { turn: 2, previous: RED.reason }]);
    expect(turns[1]?.at).toBeGreaterThanOrEqual(Date.parse(limitedUntil) - 50);
  });
});

test('an agent that cannot be used: its issue goes back, the others end, and the run says what to do', async () => {
  const world = await openTurns(['a', 'b', 'c']);
  let endOther = () => {};
  world.activities.runAgent = async ({ issueId }) => {
    if (issueId === 'b') await new Promise<void>((resolve) => (endOther = resolve));
    if (issueId === 'b') return agentResult();
    return agentResult({ outcome: 'failed', unusable: true, reason: 'claude is not logged in: run claude login' });
  };
  const handle = await world.start({ project_dir: '/project', max_agents: 2 });
  const state = await waitFor(
    () => stateOf(handle),
    ({ aborted }) => aborted.includes('a'),
  );
  expect(state.waitingFor).toContain('claude is not logged in');
  endOther();
  expect(await handle.result()).toMatchObject({
    outcome: 'failed',
    error: 'agent_unusable: claude is not logged in: run claude login',
    succeeded: ['b'],
    aborted: ['a'],
    failed: [],
    issuesSpawned: 2,
  });
});

test('an issue whose text asks for an agent that there is not fails at once, and starts nothing', async () => {
  const world = await openTurns(['a', 'b']);
  world.unfit.set('a', 'a: its text asks for agent: found hal');
  const { result, events } = await world.run();
  expect(result).toMatchObject({ failed: ['a'], succeeded: ['b'] });
  expect(world.count('runAgent', 'a')).toBe(0);
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'issue_finalized', id: 'a', reason: 'a: its text asks for agent: found hal' }),
  );
});
