import type { RunResult, RunSnapshot } from '../../../src/contract/run.js';

export const startedAt = Date.parse('2026-01-02T03:04:05Z');

export function aSnapshot(changes: Partial<RunSnapshot> = {}): RunSnapshot {
  return {
    runId: 'run-1',
    workflowId: 'garland/kitchen',
    project: 'kitchen',
    projectDir: '/home/cook/kitchen',
    input: {
      project_dir: '/home/cook/kitchen',
      only: [],
      order: 'epic',
      wip_first: false,
      orphans_only: false,
      retry_failed: false,
      watch: false,
    },
    startedAt: new Date(startedAt).toISOString(),
    phase: 'running',
    waitingFor: 'Waits for 2 agents.',
    active: [],
    ready: [],
    finished: [],
    succeeded: [],
    failed: [],
    aborted: [],
    refused: [],
    retries: [],
    usageLimit: null,
    usageLimits: [],
    usage: { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, usd: null },
    budgets: [],
    issuesSpawned: 0,
    abortReason: null,
    lastSeq: 0,
    integration: null,
    ...changes,
  };
}

export function anActiveIssue(changes: Partial<RunSnapshot['active'][number]> = {}): RunSnapshot['active'][number] {
  const since = new Date(startedAt).toISOString();
  return { id: 'k-1', title: 'Peel the potatoes', attempt: 1, phase: 'running', since, startedAt: since, ...changes };
}

export function aResult(changes: Partial<RunResult> = {}): RunResult {
  return {
    event: 'run_finished',
    outcome: 'completed',
    issuesSpawned: 1,
    succeeded: [],
    failed: [],
    refused: [],
    aborted: [],
    abortReason: null,
    runId: 'run-1',
    project: 'kitchen',
    finished: [],
    integration: null,
    ...changes,
  };
}
