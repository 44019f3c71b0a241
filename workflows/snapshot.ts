import type { RunFinishedBody } from '../src/contract/events.js';
import type { Usage } from '../src/contract/agents.js';
import type { ActiveIssue, RunSnapshot, UsageLimit } from '../src/contract/run.js';
import { budgetsEndMs, describeMeter, metersOf, spentBudgets } from './decisions/budgets.js';
import { isHeld, isLimited } from './decisions/holds.js';
import { countFree, isTaken } from './decisions/next-step.js';
import type { ActiveWork, CoordinatorState, Ending } from './state.js';

/** The answer to the query `state`. */
export function toSnapshot(state: CoordinatorState, workflowId: string, ended?: RunFinishedBody): RunSnapshot {
  return {
    runId: state.runId,
    workflowId,
    project: state.project,
    projectDir: state.input.project_dir,
    input: state.input,
    startedAt: state.startedAt,
    phase: phaseOf(state, ended),
    waitingFor: describeWait(state, ended),
    active: [...state.active.values()].map(toActiveIssue),
    ready: state.listed.filter((id) => !isTaken(state, id)),
    finished: state.details,
    succeeded: state.succeeded,
    failed: state.failed,
    aborted: state.aborted,
    refused: state.refused,
    retries: [...state.retries.values()].map(({ id, title, attempt, turn, agent, usage, dueAt, reason }) => ({
      id,
      title,
      attempt,
      turn,
      agent,
      usage,
      dueAt,
      reason,
    })),
    usageLimit: lastToEnd(state.usageLimits),
    usageLimits: state.usageLimits,
    usage: state.usage,
    budgets: metersOf(state, Date.now()),
    issuesSpawned: state.spawned,
    abortReason: state.abortReason,
    lastSeq: state.lastSeq,
    integration: state.integration,
    summary: ended,
  };
}

/** The fields of `run_finished`. */
export function toSummary(state: CoordinatorState, ending: Ending): RunFinishedBody {
  return {
    event: 'run_finished',
    outcome: ending.outcome,
    issuesSpawned: state.spawned,
    succeeded: state.succeeded,
    failed: state.failed,
    refused: state.refused,
    aborted: state.aborted,
    abortReason: state.abortReason,
    ...(ending.error === null ? {} : { error: ending.error }),
    ...(hasUsage(state.usage) ? { usage: state.usage } : {}),
  };
}

/** A sentence for people: what has to happen before anything else does. */
export function describeWait(state: CoordinatorState, ended?: RunFinishedBody): string {
  if (ended !== undefined) return 'Nothing: the run has ended.';
  const agents = state.active.size === 0 ? 'nothing' : countOf(state.active.size, 'agent');
  if (state.abortReason !== null) return `Aborting: waits for ${agents} to stop.`;
  if (state.pollFailure !== null) return `The tracker could not be read; ends after ${agents}.`;
  if (state.draining) return `Draining: starts nothing new, waits for ${agents}.`;
  if (state.unusable !== null) return `Starts nothing more (${state.unusable}); ends after ${agents}.`;
  if (state.pollTrouble !== null) return `The tracker can't be read (${state.pollTrouble}); trying again.`;
  const budget = describeBudgets(state, Date.now());
  if (budget !== null) return budget;
  const limit = describeLimits(state, Date.now());
  if (limit !== null) return limit;
  const slots = countFree(state) > 0 ? '' : ' (all slots are taken)';
  const what = [
    ...(state.active.size > 0 ? [`for ${agents}${slots}`] : []),
    ...(state.retries.size > 0 ? [`for ${countOf(state.retries.size, 'retry', 'retries')}`] : []),
  ];
  if (what.length > 0) return `Waits ${what.join(', and ')}.`;
  if (state.polling !== null) return 'Waits for the tracker to list what is ready.';
  return state.input.watch ? 'Idle: nothing is ready. Goes on looking.' : 'Nothing is left to do.';
}

function phaseOf(state: CoordinatorState, ended?: RunFinishedBody): RunSnapshot['phase'] {
  if (ended !== undefined) return 'ended';
  if (state.abortReason !== null) return 'aborting';
  return state.draining ? 'draining' : 'running';
}

function toActiveIssue(work: ActiveWork): ActiveIssue {
  const { id, title, attempt, turn, agent, usage, phase, since, startedAt, workspace } = work;
  return { id, title, attempt, turn, agent, usage, phase, since, startedAt, workspace };
}

function hasUsage({ inputTokens, outputTokens, usd }: Usage): boolean {
  return inputTokens + outputTokens > 0 || usd !== null;
}

function describeBudgets(state: CoordinatorState, nowMs: number): string | null {
  const spent = spentBudgets(state, nowMs);
  if (spent.length === 0) return null;
  const endMs = budgetsEndMs(state, nowMs);
  const which = spent.map((meter) => `${meter.scope}: ${describeMeter(meter)}`).join(', ');
  const until =
    endMs === null ? 'until the budget in WORKFLOW.md is raised' : `before ${new Date(endMs).toISOString()}`;
  return `Starts nothing ${until}: the budget is spent (${which}).`;
}

/** Null while a kind of agents can be started that the project uses, and something is at work. */
function describeLimits(state: CoordinatorState, nowMs: number): string | null {
  const lasting = state.usageLimits.filter(({ kind }) => isLimited(state, kind, nowMs));
  if (lasting.length === 0 || (state.active.size > 0 && !isHeld(state, nowMs))) return null;
  const { agentKinds = ['shell'] } = state.settings;
  const limits = lasting.map(
    ({ kind, until, reason }) => `${agentKinds.length > 1 ? `of ${kind} ` : ''}before ${until}: ${reason}`,
  );
  return `Starts nothing ${limits.join('; nothing ')}.`;
}

function lastToEnd(limits: UsageLimit[]): RunSnapshot['usageLimit'] {
  const last = limits.toSorted((a, b) => Date.parse(b.until) - Date.parse(a.until))[0];
  return last === undefined ? null : { until: last.until, reason: last.reason };
}

export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
