import { execa } from 'execa';
import type { WorkflowHandle } from '@temporalio/client';
import type { ScriptedWorld } from '../workflows/scripted-world.js';
import { SETTINGS, agentResult, untilStopped, waitFor } from '../workflows/scripted-world.js';

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
