import { ApplicationFailure } from '@temporalio/activity';
import { execa } from 'execa';
import type { WorkflowHandle } from '@temporalio/client';
import type { ScriptedWorld } from '../workflows/scripted-world.js';
import { LANDED, SETTINGS, agentResult, stateOf, untilStopped, waitFor } from '../workflows/scripted-world.js';

/** Runs worth keeping: each drives the workflow on a real server and gives the history that came of it. */
export const SCENARIOS: Record<string, (open: OpenWorld) => Promise<WorkflowHandle>> = {
  async 'plain-run'(open) {
    const world = await open(['a', 'b', 'c', 'd']);
    const handle = await world.start({ project_dir: '/project', max_agents: 2 });
    await handle.result();
    return handle;
  },
  async abort(open) {
    const world = await open(['a', 'b', 'c']);
    world.activities.runAgent = untilStopped;
    const handle = await world.start({ project_dir: '/project', max_agents: 2 });
    await waitFor(
      () => world.count('runAgent'),
      (count) => count === 2,
    );
    await handle.signal('abort', 'enough');
    await handle.result();
    return handle;
  },
  async refusals(open) {
    const world = await open(['a', 'b', 'c']);
    world.claim = async (id) => (id === 'b' ? undefined : 'taken');
    const handle = await world.start({ project_dir: '/project', max_agents: 1 });
    await handle.result();
    return handle;
  },
  async retries(open) {
    const world = await open(['a', 'b']);
    world.settings = { ...SETTINGS, maxAttempts: 2, maxRetryBackoffMs: 100 };
    world.activities.runAgent = async ({ attempt, issueId }) =>
      agentResult(attempt === 1 ? { outcome: 'lost', reason: 'gone' } : issueId === 'a' ? {} : { outcome: 'failed' });
    const handle = await world.start();
    await handle.result();
    return handle;
  },
  /** Of a tracker: one of the waits is cut short by the abort. */
  async 'rate-limit'(open) {
    const world = await open(['a', 'b']);
    world.settings = { ...SETTINGS, pollGiveUpMs: 100 };
    const limit = (retryAfterMs: number) =>
      ApplicationFailure.create({ message: 'its rate limit is reached', details: [{ retryAfterMs }] });
    const { fetchReadyIssues } = world.activities;
    let polls = 0;
    world.activities.fetchReadyIssues = async (request) => {
      polls += 1;
      if (polls === 1) throw limit(300);
      return fetchReadyIssues(request);
    };
    world.activities.finalizeIssue = async () => {
      throw limit(3_600_000);
    };
    const handle = await world.start();
    await waitFor(
      () => world.count('finalizeIssue'),
      (count) => count === 2,
    );
    await handle.signal('abort', 'enough');
    await handle.result();
    return handle;
  },
  /** Somebody closes an issue that waits for its next attempt. */
  async 'waiting-withdrawn'(open) {
    const world = await open(['a', 'b']);
    world.settings = { ...SETTINGS, maxAttempts: 2, maxRetryBackoffMs: 3_600_000, pollIntervalMs: 300 };
    world.activities.runAgent = async ({ issueId }) =>
      agentResult(issueId === 'a' ? { outcome: 'failed', reason: 'exit 1' } : {});
    const { fetchReadyIssues } = world.activities;
    world.activities.fetchReadyIssues = async (request) => ({
      ...(await fetchReadyIssues(request)),
      withdrawn: request.watch
        .filter((id) => id === 'a' && world.count('runAgent', 'b') > 0)
        .map((id) => ({ id, reason: 'somebody set it to closed' })),
    });
    const handle = await world.start({ project_dir: '/project', max_agents: 1 });
    await handle.result();
    return handle;
  },
  /** Stopped by hand, or by another run that is gone. */
  async 'aborted-attempt'(open) {
    const world = await open(['a']);
    world.settings = { ...SETTINGS, maxAttempts: 2, maxRetryBackoffMs: 300 };
    world.activities.runAgent = async ({ attempt }) =>
      agentResult(attempt === 1 ? { outcome: 'aborted', reason: 'stopped' } : {});
    const handle = await world.start();
    await handle.result();
    return handle;
  },
  async drain(open) {
    const world = await open(['a', 'b']);
    const handle = await world.start({ project_dir: '/project', max_agents: 1 });
    await waitFor(
      () => world.count('runAgent'),
      (count) => count === 1,
    );
    await handle.signal('drain');
    await handle.result();
    return handle;
  },
  async cancelled(open) {
    const world = await open(['a']);
    world.activities.runAgent = untilStopped;
    const handle = await world.start();
    await waitFor(
      () => world.count('runAgent'),
      (count) => count === 1,
    );
    await handle.cancel();
    await handle.result();
    return handle;
  },
  async 'continue-as-new'(open) {
    const world = await open(Array.from({ length: 30 }, (_, index) => `i-${index}`));
    const handle = await world.start({ project_dir: '/project', max_agents: 4, history_limit: 150 });
    await handle.result();
    return handle;
  },
  async 'usage-limit'(open) {
    const world = await open(['a', 'b']);
    const limitedUntil = new Date(Date.now() + 1_500).toISOString();
    world.activities.runAgent = async ({ issueId, resumption }) =>
      issueId === 'a' && resumption === 0
        ? agentResult({ outcome: 'limited', reason: '5 hours', limitedUntil })
        : agentResult();
    const handle = await world.start({ project_dir: '/project', max_agents: 1 });
    await handle.result();
    return handle;
  },
  async 'poll-trouble'(open) {
    const world = await open(['a']);
    let polls = 0;
    const { fetchReadyIssues } = world.activities;
    world.activities.fetchReadyIssues = async (request) => {
      polls += 1;
      if (polls < 3) throw new Error('unreadable');
      return fetchReadyIssues(request);
    };
    const handle = await world.start();
    await handle.result();
    return handle;
  },
  async turns(open) {
    const world = await open(['a', 'b']);
    world.settings = { ...SETTINGS, maxAttempts: 2, maxTurns: 3, maxRetryBackoffMs: 100, agentKinds: ['claude'] };
    for (const id of ['a', 'b']) world.kinds.set(id, 'claude');
    world.activities.runAgent = async () => agentResult({ resumable: true });
    world.activities.verifyWork = async ({ issueId, attempt, turn = 1 }) =>
      (issueId === 'a' && turn === 3) || attempt === 2
        ? LANDED
        : { accepted: false, kind: 'gate_failed', reason: 'npm test: exit 1' };
    const handle = await world.start({ project_dir: '/project', max_agents: 2 });
    await handle.result();
    return handle;
  },
  async 'limit-of-one-kind'(open) {
    const world = await open(['c1', 'c2', 'x1', 'x2']);
    world.settings = { ...SETTINGS, pollIntervalMs: 400, agentKinds: ['claude', 'codex'] };
    for (const id of world.ready) world.kinds.set(id, id.startsWith('c') ? 'claude' : 'codex');
    world.activities.runAgent = async ({ issueId, resumption }) => {
      const limitedUntil = new Date(Date.now() + 2_500).toISOString();
      return issueId === 'c1' && resumption === 0
        ? agentResult({ outcome: 'limited', reason: '5 hours', limitedUntil })
        : agentResult();
    };
    const handle = await world.start({ project_dir: '/project', max_agents: 1 });
    await handle.result();
    return handle;
  },
  async 'budget-hold'(open) {
    const world = await open(['a', 'b', 'c']);
    const withBudget = (runUsd: number) => ({
      ...SETTINGS,
      pollIntervalMs: 400,
      agentKinds: ['shell' as const],
      budget: { runUsd, hard: true },
    });
    world.settings = withBudget(1);
    world.activities.runAgent = async (request) => {
      const usage = { inputTokens: 10, cachedInputTokens: 0, outputTokens: 1, usd: request.issueId === 'a' ? 1 : 0.25 };
      if (request.issueId === 'b' && request.resumption === 0) return { ...(await untilStopped(request)), usage };
      return agentResult({ usage });
    };
    const handle = await world.start({ project_dir: '/project', max_agents: 2 });
    await waitFor(
      () => stateOf(handle),
      ({ active, retries }) => active.length === 0 && retries.length === 1,
    );
    world.settings = withBudget(10);
    await handle.result();
    return handle;
  },
  async 'agent-unusable'(open) {
    const world = await open(['a', 'b']);
    world.settings = { ...SETTINGS, agentKinds: ['claude'] };
    world.activities.runAgent = async () =>
      agentResult({ outcome: 'failed', unusable: true, reason: 'claude is not logged in' });
    const handle = await world.start({ project_dir: '/project', max_agents: 1 });
    await handle.result();
    return handle;
  },
};

export type OpenWorld = (ready: string[]) => Promise<ScriptedWorld>;

/** As the `temporal` CLI shows it, without what tells of the machine that recorded it. */
export async function toHistoryJson({ workflowId }: WorkflowHandle): Promise<string> {
  const { TEMPORAL_CLI_PATH = 'temporal', TEMPORAL_ADDRESS = '' } = process.env;
  const show = ['workflow', 'show', '--workflow-id', workflowId, '--output', 'json', '--address', TEMPORAL_ADDRESS];
  const { stdout } = await execa(TEMPORAL_CLI_PATH, show);
  const history: unknown = JSON.parse(stdout);
  return `${JSON.stringify(history, (key, value: unknown) => (['identity', 'stackTrace'].includes(key) ? undefined : value))}\n`;
}
