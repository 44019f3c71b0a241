import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../src/contract/run.js';
import { LANDED, agentResult, eventsOf, openWorld, stateOf, untilStopped, waitFor } from './scripted-world.js';

describe('stopping', () => {
  test('abort stops every agent, lands nothing, puts the issues back; the first reason wins', async () => {
    const world = await openWorld(['a', 'b', 'c'], { runAgent: untilStopped });
    const handle = await world.start({ project_dir: '/project', max_agents: 2 });
    await waitFor(
      () => world.count('runAgent'),
      (count) => count === 2,
    );
    await handle.signal('abort', 'enough');
    await handle.signal('abort', 'second');
    const result = await handle.result();
    expect(result).toMatchObject({ outcome: 'aborted', abortReason: 'enough', issuesSpawned: 2 });
    expect((result as RunResult).aborted.toSorted()).toEqual(['a', 'b']);
    expect(world.count('verifyWork')).toBe(0);
    expect(world.count('finalizeIssue')).toBe(2);
    const names = (await eventsOf(handle)).map((event) => event.event);
    expect(names.filter((name) => name === 'abort_requested')).toHaveLength(1);
    expect(names).not.toContain('no_more_issues');
  });

  test('an abort that comes before the first step is told after the start', async () => {
    const world = await openWorld(['a']);
    const handle = await world.startAborted('at once');
    expect(await handle.result()).toMatchObject({ outcome: 'aborted', abortReason: 'at once' });
    const names = (await eventsOf(handle)).map((event) => event.event);
    expect(names).toEqual(['run_started', 'abort_requested', 'run_finished']);
  });

  test('cancelling the workflow is an abort', async () => {
    const world = await openWorld(['a'], { runAgent: untilStopped });
    const handle = await world.start();
    await waitFor(
      () => world.count('runAgent'),
      (count) => count === 1,
    );
    await handle.cancel();
    expect(await handle.result()).toMatchObject({
      outcome: 'aborted',
      abortReason: 'the workflow was cancelled',
      aborted: ['a'],
    });
  });

  test('an issue that was claimed while the abort came goes back, and no agent starts', async () => {
    const world = await openWorld(['a']);
    let entered = () => {};
    const inside = new Promise<void>((resolve) => (entered = resolve));
    let goOn = () => {};
    const { fetchReadyIssues } = world.activities;
    world.activities.fetchReadyIssues = async (request) => {
      entered();
      await new Promise<void>((resolve) => (goOn = resolve));
      return fetchReadyIssues(request);
    };
    const handle = await world.start();
    await inside;
    await handle.signal('abort', 'now');
    await waitFor(
      () => stateOf(handle),
      ({ phase }) => phase === 'aborting',
    );
    goOn();
    expect(await handle.result()).toMatchObject({ outcome: 'aborted', aborted: [], issuesSpawned: 0 });
    expect(world.count('runAgent')).toBe(0);
    expect(world.count('finalizeIssue', 'a')).toBe(1);
  });

  test('abort during a gate lands nothing', async () => {
    const world = await openWorld(['a']);
    let entered = () => {};
    const inside = new Promise<void>((resolve) => (entered = resolve));
    world.activities.verifyWork = async () => {
      entered();
      await untilStopped();
      return { accepted: false, kind: 'aborted', reason: 'stopped' };
    };
    const handle = await world.start();
    await inside;
    await handle.signal('abort', 'now');
    expect(await handle.result()).toMatchObject({ outcome: 'aborted', aborted: ['a'], succeeded: [] });
  });

  test('what had landed when the abort came is closed, not put back', async () => {
    const world = await openWorld(['a']);
    let entered = () => {};
    const inside = new Promise<void>((resolve) => (entered = resolve));
    world.activities.verifyWork = async () => {
      entered();
      await untilStopped();
      return LANDED;
    };
    const handle = await world.start();
    await inside;
    await handle.signal('abort', 'now');
    expect(await handle.result()).toMatchObject({ outcome: 'aborted', succeeded: ['a'], aborted: [] });
  });

  test('drain starts nothing new and lets the active ones end', async () => {
    const world = await openWorld(['a', 'b']);
    let end = () => {};
    world.activities.runAgent = async () => {
      await new Promise<void>((resolve) => (end = resolve));
      return agentResult();
    };
    const handle = await world.start({ project_dir: '/project', max_agents: 1 });
    await waitFor(
      () => world.count('runAgent'),
      (count) => count === 1,
    );
    await handle.signal('drain');
    await waitFor(
      () => stateOf(handle),
      (state) => state.phase === 'draining',
    );
    end();
    expect(await handle.result()).toMatchObject({ outcome: 'completed', succeeded: ['a'], issuesSpawned: 1 });
  });
});
