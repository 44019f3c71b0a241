import type { AgentKind, Usage } from './agents.js';
import type { BudgetMeter } from './run.js';
import type { AgentOutcome, EndReason, IssueOutcome, RunOutcome } from './outcomes.js';

/** What happened in a run, in order. Made by the workflow alone, so it is the same for whoever reads it, whenever. */
export type RunEventBody =
  | { event: 'run_started'; runId: string; workflowId: string; webUrl: string | null }
  | { event: 'ready_issues'; ids: string[] }
  | { event: 'agent_started'; id: string; attempt: number; turn?: number; workspace: string }
  | { event: 'claim_refused'; id: string; reason: string }
  | { event: 'waiting_for_agents'; count: number }
  | { event: 'agent_finished'; id: string; attempt: number; turn?: number; outcome: AgentOutcome; seconds: number }
  | { event: 'work_rejected'; id: string; attempt: number; turn: number; reason: string }
  | { event: 'retry_scheduled'; id: string; attempt: number; dueAt: string; reason: string }
  | { event: 'usage_limited'; id: string; kind: AgentKind; until: string; reason: string }
  | ({ event: 'budget_warning' | 'budget_reached'; id?: string } & BudgetMeter)
  | ({ event: 'waiting_for_budget' } & BudgetMeter)
  | { event: 'attempt_held'; id: string; attempt: number; reason: string }
  | { event: 'issue_withdrawn'; id: string; reason: string }
  | { event: 'idle'; pollEveryMs: number }
  | { event: 'issue_finalized'; id: string; outcome: IssueOutcome; reason: string }
  | { event: 'abort_requested'; reason: string }
  | { event: 'warning'; message: string }
  | { event: 'no_more_issues'; reason: EndReason }
  | RunFinishedBody;

export interface RunFinishedBody {
  event: 'run_finished';
  outcome: RunOutcome;
  issuesSpawned: number;
  succeeded: string[];
  failed: string[];
  refused: string[];
  aborted: string[];
  abortReason: string | null;
  /** For `failed`: `poll_failed`, `agent_unusable` or another error of the run's own, in a line. */
  error?: string;
  /** What all agents of the run have used. Absent: none has told. */
  usage?: Usage;
}

/** `seq` counts from 1 without a gap; `time` is ISO 8601, from the workflow's own clock. */
export type RunEvent = { seq: number; time: string } & RunEventBody;
