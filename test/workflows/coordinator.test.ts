import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/activity';
import { describe, expect, test } from 'vitest';
import type { Activities } from '../../src/contract/activities.js';
import type { RunResult } from '../../src/contract/run.js';
import { SETTINGS, agentResult, openWorld, stateOf, untilStopped, waitFor } from './scripted-world.js';

describe('a run', () => {
  test('works off what is ready, and tells it in order, with seq from 1 without a gap', async () => {
    const world = await openWorld(['a', 'b']);
    const { result, events } = await world.run({ project_dir: '/project', max_agents: 1 });
    expect(result).toMatchObject({
      outcome: 'completed',
      issuesSpawned: 2,
      succeeded: ['a', 'b'],
      failed: [],
      refused: [],
      aborted: [],
    });
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.map((event) => event.event)).toEqual([
      'run_started',
      'ready_issues',
      'agent_started',
      'waiting_for_agents',
      'agent_finished',
      'issue_finalized',
      'ready_issues',
      'agent_started',
      'waiting_for_agents',
      'agent_finished',
      'issue_finalized',
      'no_more_issues',
      'run_finished',
    ]);
    expect(events[1]).toMatchObject({ ids: ['a', 'b'] });
    expect(events.at(-2)).toMatchObject({ event: 'no_more_issues', reason: 'none_ready' });
  });

  test('never has more agents than the limit', async () => {
    let running = 0;
    let most = 0;
    const world = await openWorld(
      Array.from({ length: 12 }, (_, index) => `i-${index}`),
      {
        async runAgent() {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setTimeout(resolve, 60));
          running -= 1;
          return agentResult();
        },
      },
    );
    const { result } = await world.run({ project_dir: '/project', max_agents: 3 });
    expect(result.succeeded).toHaveLength(12);
    expect(most).toBe(3);
  });

  test('starts agents in the order that was given', async () => {
    const world = await openWorld(['d', 'a', 'c', 'b']);
    const { events } = await world.run();
    const started = events.flatMap((event) => (event.event === 'agent_started' ? [event.id] : []));
    expect(started).toEqual(['d', 'a', 'c', 'b']);
  });

  test('a slot that becomes free is taken with the same call that settled its issue', async () => {
    const world = await openWorld(['a', 'b', 'c']);
    const { result } = await world.run({ project_dir: '/project', max_agents: 1 });
    expect(result.succeeded).toEqual(['a', 'b', 'c']);
    // One poll at the start, and one at the end that finds nothing more.
    expect(world.count('fetchReadyIssues')).toBe(2);
  });

  test('stops at the issue limit without another poll, and 0 runs nothing', async () => {
    const world = await openWorld(['a', 'b', 'c']);
    const { events } = await world.run({ project_dir: '/project', max_issues: 2 });
    expect(events.at(-2)).toMatchObject({ event: 'no_more_issues', reason: 'limit_reached' });
    expect(world.count('runAgent')).toBe(2);
    expect(world.count('fetchReadyIssues')).toBe(1);
    const none = await openWorld(['a']);
    const nothing = await none.run({ project_dir: '/project', max_issues: 0 });
    expect(nothing.events.at(-2)).toMatchObject({ reason: 'limit_reached' });
    expect(none.count('fetchReadyIssues')).toBe(0);
  });

  test('without a limit, a poll that may take every slot reaches no bound', async () => {
    const world = await openWorld(['a']);
    world.settings = { ...SETTINGS, pollIntervalMs: 50 };
    const { fetchReadyIssues } = world.activities;
    let polls = 0;
    world.activities.fetchReadyIssues = async (request) => {
      // The second poll is under way until the slot of a was given to b.
      if (request.recovers && (polls += 1) === 2) {
        world.ready.push('b');
        await waitFor(
          () => world.count('runAgent', 'b'),
          (count) => count > 0,
        );
      }
      return fetchReadyIssues(request);
    };
    world.activities.runAgent = async () => {
      await waitFor(
        () => polls,
        (count) => count > 1,
      );
      return agentResult();
    };
    const { result, events } = await world.run();
    expect(result.succeeded).toEqual(['a', 'b']);
    expect(events.map(({ event }) => event)).not.toContain('warning');
  });

  test('a refused claim uses no slot and no limit, and the issue is left out for the rest of the run', async () => {
    const world = await openWorld(['taken', 'free']);
    const asked: string[] = [];
    world.claim = async (id) => {
      asked.push(id);
      return id === 'taken' ? 'in progress by alice' : undefined;
    };
    const { result, events } = await world.run({ project_dir: '/project', max_agents: 1, max_issues: 1 });
    expect(result).toMatchObject({ succeeded: ['free'], refused: ['taken'], issuesSpawned: 1 });
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'claim_refused', id: 'taken', reason: 'in progress by alice' }),
    );
    expect(asked).toEqual(['taken', 'free']);
  });

  test("ends with all_refused when everything that was ready is somebody else's", async () => {
    const world = await openWorld(['a', 'b']);
    world.claim = async () => 'taken';
    const { result, events } = await world.run();
    expect(events.at(-2)).toMatchObject({ event: 'no_more_issues', reason: 'all_refused' });
    expect(result.refused.toSorted()).toEqual(['a', 'b']);
  });

  test('does not run an issue again that the tracker goes on listing after its close', async () => {
    const world = await openWorld(['a', 'b']);
    const { finalizeIssue } = world.activities;
    world.activities.finalizeIssue = async (request) => {
      const { ready } = world;
      const answer = await finalizeIssue(request);
      world.ready = ready;
      return answer;
    };
    const { result } = await world.run({ project_dir: '/project', max_agents: 1 });
    expect(result.succeeded).toEqual(['a', 'b']);
    expect(world.count('runAgent')).toBe(2);
  });

  test('a dependent issue that becomes ready while others run is started', async () => {
    const world = await openWorld(['a']);
    const { finalizeIssue } = world.activities;
    world.activities.finalizeIssue = async (request) => {
      const answer = await finalizeIssue(request);
      if (request.issueId === 'a') world.ready = ['b'];
      return answer;
    };
    expect((await world.run()).result.succeeded).toEqual(['a', 'b']);
  });

  test('looks again at the polling interval while a slot is free', async () => {
    const world = await openWorld(['long']);
    world.settings = { ...SETTINGS, pollIntervalMs: 200 };
    let endLong = () => {};
    world.activities.runAgent = async ({ issueId }) => {
      if (issueId === 'long') await new Promise<void>((resolve) => (endLong = resolve));
      else endLong();
      return agentResult();
    };
    const handle = await world.start({ project_dir: '/project', max_agents: 2 });
    await waitFor(
      () => world.count('runAgent', 'long'),
      (count) => count === 1,
    );
    world.ready = ['long', 'late'];
    const result = await handle.result();
    expect((result as RunResult).succeeded.toSorted()).toEqual(['late', 'long']);
  });
});

describe('what did not go well', () => {
  test('a rejected work is tried again after a backoff, with what went wrong, and its slot is free meanwhile', async () => {
    const world = await openWorld(['bad']);
    world.settings = { ...SETTINGS, maxAttempts: 2, maxRetryBackoffMs: 300 };
    const seen: (string | undefined)[] = [];
    world.activities.runAgent = async ({ previous }) => {
      seen.push(previous);
      return agentResult();
    };
    world.activities.verifyWork = async () => ({ accepted: false, kind: 'gate_failed', reason: 'npm test: exit 1' });
    const { result, events } = await world.run();
    expect(seen).toEqual([undefined, 'npm test: exit 1']);
    expect(events).toContainEqual(expect.objectContaining({ event: 'retry_scheduled', id: 'bad', attempt: 2 }));
    expect(result.failed).toEqual(['bad']);
    expect(result.finished[0]?.reason).toContain('attempt 2 of 2');
    expect(result.issuesSpawned).toBe(1);
  });

  test('an agent that says it is blocked is not tried again', async () => {
    const world = await openWorld(['bad']);
    world.settings = { ...SETTINGS, maxAttempts: 3 };
    const marker = { kind: 'BLOCKED', reason: 'no access' } as const;
    world.activities.runAgent = async () => agentResult({ outcome: 'failed', reason: 'blocked: no access', marker });
    const { result } = await world.run();
    expect(result.failed).toEqual(['bad']);
    expect(world.count('runAgent')).toBe(1);
  });

  test('nothing to do is accepted, and said so', async () => {
    const world = await openWorld(['done'], {
      runAgent: async () => agentResult({ outcome: 'no_change', reason: 'already done' }),
    });
    const { result, events } = await world.run();
    expect(result.succeeded).toEqual(['done']);
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'issue_finalized', outcome: 'no_change', reason: 'already done' }),
    );
  });

  test('polling that fails for too long ends the run with poll_failed, after its agents have ended', async () => {
    const world = await openWorld(['a']);
    world.settings = { ...SETTINGS, pollGiveUpMs: 700, pollIntervalMs: 50 };
    let polls = 0;
    const { fetchReadyIssues } = world.activities;
    world.activities.fetchReadyIssues = async (request) => {
      polls += 1;
      if (polls > 1) throw new Error('the tracker is broken');
      return fetchReadyIssues(request);
    };
    world.activities.runAgent = async () => {
      await waitFor(
        () => polls,
        (count) => count > 2,
      );
      return agentResult();
    };
    const { result, events } = await world.run();
    expect(result).toMatchObject({ outcome: 'failed', succeeded: ['a'] });
    expect(result.error).toContain('the tracker is broken');
    expect(events.map((event) => event.event)).not.toContain('no_more_issues');
  });

  test.each([
    ['not_written', 'failed', /^landed; but the tracker can't be written: read-only$/],
    ['unknown', 'failed', /^outcome unknown: landed; but read-only$/],
    ['written', 'succeeded', /^landed; but read-only$/],
    [undefined, 'failed', /^outcome unknown: landed; but read-only$/],
  ] as const)(
    "a tracker that can't be told how an issue ended (%s): %s, said plainly, and the run goes on",
    async (known, outcome, reason) => {
      const world = await openWorld(['a', 'b']);
      world.settings = { ...SETTINGS, pollGiveUpMs: 500 };
      const { finalizeIssue } = world.activities;
      world.activities.finalizeIssue = async (request) => {
        if (request.issueId === 'b') return finalizeIssue(request);
        throw ApplicationFailure.create({ message: 'read-only', ...(known && { details: [known] }) });
      };
      const { result, events } = await world.run({ project_dir: '/project', max_agents: 1 });
      expect(result.finished.find(({ id }) => id === 'a')).toMatchObject({
        outcome,
        reason: expect.stringMatching(reason),
      });
      expect(result.succeeded).toContain('b');
      expect(events.filter((event) => event.event === 'issue_finalized' && event.id === 'a')).toHaveLength(1);
      expect(world.count('runAgent', 'a')).toBe(1);
    },
  );

  test('input that does not fit fails the workflow at once with what is wrong', async () => {
    const prepareRun = async () => {
      throw ApplicationFailure.create({ message: 'run input: max_agents: found 0', nonRetryable: true });
    };
    const world = await openWorld([], { prepareRun });
    const handle = await world.start(['nonsense']);
    const failure = await handle.result().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowFailedError);
    expect((failure as WorkflowFailedError).cause?.message).toBe('run input: max_agents: found 0');
  });

  test('a start that fails for now is tried again, and told', async () => {
    const world = await openWorld(['a']);
    const { prepareRun } = world.activities;
    let tries = 0;
    world.activities.prepareRun = async (...args) => {
      if ((tries += 1) < 3) throw new Error('nobody answers');
      return prepareRun(...args);
    };
    const { result, events } = await world.run();
    expect(result.succeeded).toEqual(['a']);
    expect(events.filter(({ event }) => event === 'warning')).toMatchObject([
      { message: "the run can't begin yet: nobody answers; trying again" },
    ]);
  });

  test('an abort ends a run that can not begin', async () => {
    const prepareRun: Activities['prepareRun'] = async () => {
      throw new Error('nobody answers');
    };
    const world = await openWorld(['a'], { prepareRun });
    const handle = await world.start();
    await waitFor(
      () => world.count('prepareRun'),
      (count) => count > 1,
    );
    await handle.signal('abort', 'enough');
    expect(await handle.result()).toMatchObject({ outcome: 'aborted', issuesSpawned: 0 });
  });
});

describe('looking at it', () => {
  test('the state says what runs, what is ready, and what the run waits for', async () => {
    const world = await openWorld(['a', 'b'], { runAgent: untilStopped });
    const handle = await world.start({ project_dir: '/project', max_agents: 1 });
    const state = await waitFor(
      () => stateOf(handle),
      ({ active }) => active.some((work) => work.phase === 'running'),
    );
    expect(state).toMatchObject({ phase: 'running', ready: ['b'], project: world.project, issuesSpawned: 1 });
    expect(state.active).toMatchObject([{ id: 'a', title: 'Title of a', attempt: 1, workspace: '/workspaces/a' }]);
    expect(state.waitingFor).toBe('Waits for 1 agent (all slots are taken).');
    await handle.signal('abort', 'seen');
    await handle.result();
    expect(await stateOf(handle)).toMatchObject({ phase: 'ended', aborted: ['a'] });
  });
});
