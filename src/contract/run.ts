import type { CompleteRunInput } from '../config/run-input.js';
import type { AgentChoice, AgentKind, Usage } from './agents.js';
import type { RunEvent, RunFinishedBody } from './events.js';
import type { AgentOutcome, IssueOutcome } from './outcomes.js';

/** Names that Temporal clients use. */
export const WORKFLOW_TYPE = 'coordinator';
export const ABORT_SIGNAL = 'abort';
export const DRAIN_SIGNAL = 'drain';
export const STATE_QUERY = 'state';
export const EVENTS_QUERY = 'events';
/** Why a query is refused for a moment: see workflows/settled-history.ts. */
export const UNSETTLED = 'not settled yet';

/** The workflow ID of a project's run; also its task queue for the workflow and short activities. */
export const workflowIdOf = (project: string): string => `garland/${project}`;
export const taskQueueOf = workflowIdOf;
export const agentsTaskQueueOf = (project: string): string => `garland/${project}/agents`;

/** "No limit" is still this many agents at a time: well under Temporal's 2,000 pending activities. */
export const MAX_AGENTS_BOUND = 500;
/** How many ready issues one poll hands to the workflow; the next poll brings the rest. */
export const READY_PAGE = 500;

/** `retrying`: it has given its slot back and waits for its next attempt. */
export type IssuePhase = 'running' | 'verifying' | 'finalizing' | 'retrying';

export interface ActiveIssue {
  id: string;
  title: string;
  attempt: number;
  /** From 2 on: how often its agent has begun in this attempt, having been told why its work was rejected. */
  turn?: number;
  /** Absent in histories of earlier versions. */
  agent?: AgentChoice;
  /** What its agents have used so far; the one at work tells at its end. */
  usage?: Usage;
  phase: IssuePhase;
  /** ISO 8601: when this phase began. */
  since: string;
  /** ISO 8601: when the agent of this attempt was started. */
  startedAt?: string;
  workspace?: string;
}

export interface PlannedRetry {
  id: string;
  title: string;
  /** The number of the attempt to come. */
  attempt: number;
  /** From 2 on: the turn of that attempt to come. */
  turn?: number;
  agent?: AgentChoice;
  usage?: Usage;
  /** ISO 8601. */
  dueAt: string;
  /** Why the attempt before was not accepted. */
  reason: string;
}

/** How far a budget is spent. US dollars, or tokens of input and output together. */
export interface BudgetMeter {
  scope: 'run' | 'day' | 'issue';
  unit: 'usd' | 'tokens';
  spent: number;
  limit: number;
}

export interface UsageLimit {
  kind: AgentKind;
  /** ISO 8601. */
  until: string;
  reason: string;
}

export interface FinishedIssue {
  id: string;
  title: string;
  outcome: IssueOutcome;
  reason: string;
  attempts: number;
  /** Turns of the last attempt; absent: one. */
  turns?: number;
  /** The outcome of its last agent. */
  agent?: AgentOutcome;
  /** What kind of agent worked on it. */
  kind?: AgentKind;
  /** What all its agents have used. Absent: they told nothing. */
  usage?: Usage;
  /** Kept for a person to look at: failed and aborted issues. */
  workspace?: string;
}

/** What the query `state` answers, and what the run's memo held last. Plain JSON. */
export interface RunSnapshot {
  runId: string;
  workflowId: string;
  project: string;
  projectDir: string;
  input: CompleteRunInput;
  startedAt: string;
  phase: 'starting' | 'running' | 'draining' | 'aborting' | 'ended';
  /** A sentence: what the run waits for. */
  waitingFor: string;
  active: ActiveIssue[];
  /** Ready issues that the last poll offered and that aren't being worked on. */
  ready: string[];
  /** Details of the last issues that ended: at most 100 that a person should look at, and 50 others. */
  finished: FinishedIssue[];
  /** Ids, in the order in which they ended. */
  succeeded: string[];
  failed: string[];
  aborted: string[];
  refused: string[];
  /** Issues that wait for their next attempt, their slot free meanwhile. */
  retries: PlannedRetry[];
  /** The usage limit that ends last, as `usageLimits` has it. Null: none is known. */
  usageLimit: { until: string; reason: string } | null;
  /** The last limit of each kind of agents: none of the kind starts before `until`, ISO 8601, which may have passed. */
  usageLimits: UsageLimit[];
  /** What all agents of the run have used, as far as they told. Absent: a worker of an earlier version answers. */
  usage?: Usage;
  /** The budgets of the run and of the day that are set. */
  budgets?: BudgetMeter[];
  issuesSpawned: number;
  abortReason: string | null;
  /** `seq` of the last event. */
  lastSeq: number;
  /** Where the work is: the integration branch, and the branch that it follows. Null in a directory workspace. */
  integration: { branch: string; base: string } | null;
  summary?: RunFinishedBody;
}

/** What the workflow returns: the last event's fields, and what became of each issue. */
export interface RunResult extends RunFinishedBody {
  runId: string;
  project: string;
  finished: FinishedIssue[];
  integration: { branch: string; base: string } | null;
}

/** The argument and answer of the query `events`: at most 1,000 events with seq > after. */
export interface EventsPage {
  events: RunEvent[];
  /** `seq` of the first event that this execution of the workflow holds; older ones are with the execution before it. */
  firstSeq: number;
  /** The execution before this one, after continue-as-new. */
  previousRunId: string | null;
  /** `seq` of the last event that the run has. */
  lastSeq: number;
}
