import type { ActiveIssue, FinishedIssue, MAX_AGENTS_BOUND, PlannedRetry, UsageLimit } from '../src/contract/run.js';
import type { AgentResult, EndReason, RunOutcome, Verdict } from '../src/contract/outcomes.js';
import type { Usage } from '../src/contract/agents.js';
import type { CompleteRunInput } from '../src/config/run-input.js';
import type { PreparedRun, RunSettings, Settlement } from '../src/contract/activities.js';

/** An issue that holds a slot, with what its life so far has come to. */
export interface ActiveWork extends ActiveIssue {
  /** What went wrong in the attempt before. */
  previous?: string;
  /** Processes of this attempt before this one: earlier turns, and what a usage limit stopped. */
  resumption: number;
  /** Somebody took the issue away while an agent worked on it: why. */
  withdrawn?: string;
  /** Its agent is stopped because a budget is spent, and goes on when there is more: why. */
  halted?: string;
  /** What was told of its budget. */
  budgetsTold?: string[];
  result?: AgentResult;
  verdict?: Verdict;
  settlement?: Settlement;
  /** Claimed, but the run has come to start nothing more: it goes back as if it had not been. */
  unstarted?: true;
}

export interface RetryPlan extends PlannedRetry {
  previous?: string;
  workspace?: string;
  resumption: number;
  budgetsTold?: string[];
}

/**
 * All that the coordinator knows. The functions in `decisions/` read it, those in `transitions.ts` change it, and the
 * workflow alone calls those. `carried-state.ts` makes plain JSON of it for continue-as-new.
 */
export interface CoordinatorState {
  runId: string;
  project: string;
  input: CompleteRunInput;
  settings: RunSettings;
  integration: { branch: string; base: string } | null;
  /** ISO 8601. */
  startedAt: string;
  maxAgents: number;
  /** null: no limit. */
  maxIssues: number | null;
  abortReason: string | null;
  draining: boolean;
  /** A poll is under way, and may take so many slots. Null: none is. */
  polling: { take: number } | null;
  /** How many issues may yet be taken by what was asked of the tracker: they count for the issue limit. */
  asked: number;
  /** Why polling fails just now; it is tried again. */
  pollTrouble: string | null;
  /** Why polling was given up. */
  pollFailure: string | null;
  /** How many issues the last poll listed as ready. Null: it is time for another. */
  offered: number | null;
  /** What is ready and had no slot, as it was last seen. For people only. */
  listed: string[];
  /** An issue was settled since the last poll began, so others may have become ready that it did not list. */
  settledSincePoll: boolean;
  /** At most one for each kind of agents; it may have passed. */
  usageLimits: UsageLimit[];
  /** What all agents have used. */
  usage: Usage;
  /** The day that a budget is for, and what was spent in it. Its date is null until a worker has told it. Null: not known. */
  day: { date: string | null; endsAt: string; usd: number } | null;
  /** What was told of the budgets of run and day. */
  budgetsTold: string[];
  /** The version of WORKFLOW.md that can't be used, if it is the one that is there. */
  brokenEdit: string | null;
  /** No agent can work before a person has done something: why. Nothing starts any more. */
  unusable: string | null;
  /** How many ready issues the last look left where they are. Null: not known. */
  left: number | null;
  /** Milliseconds of the epoch: when the tracker was last looked at, or began to be. */
  lookedAtMs: number;
  /** Milliseconds of the epoch: when the run last said that it is idle. */
  idleToldAtMs: number;
  /** By id, in the order in which they were begun. Maps, because an id may be any text, `__proto__` too. */
  active: Map<string, ActiveWork>;
  retries: Map<string, RetryPlan>;
  /** Issues started. A later attempt of the same issue doesn't count again. */
  spawned: number;
  succeeded: string[];
  failed: string[];
  aborted: string[];
  refused: string[];
  /** All ids of the four lists above. */
  through: Set<string>;
  /** Ids that the tracker goes on listing although the run is through with them. */
  stale: string[];
  details: FinishedIssue[];
  lastSeq: number;
}

/** How the run ends, once nothing is active any more. */
export interface Ending {
  outcome: RunOutcome;
  reason: EndReason | null;
  error: string | null;
}

const AGENTS_BOUND: typeof MAX_AGENTS_BOUND = 500;

/** Before the input has been checked. */
export function initialState(project: string, runId: string, startedAt: string): CoordinatorState {
  return {
    runId,
    project,
    input: {
      project_dir: '',
      only: [],
      order: 'epic',
      wip_first: false,
      orphans_only: false,
      retry_failed: false,
      watch: false,
    },
    settings: {
      pollIntervalMs: 0,
      pollGiveUpMs: 0,
      maxAttempts: 1,
      maxRetryBackoffMs: 0,
      agentLabel: '',
      verifies: true,
    },
    integration: null,
    startedAt,
    maxAgents: AGENTS_BOUND,
    maxIssues: null,
    abortReason: null,
    draining: false,
    polling: null,
    asked: 0,
    pollTrouble: null,
    pollFailure: null,
    offered: null,
    listed: [],
    settledSincePoll: false,
    usageLimits: [],
    usage: { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, usd: null },
    day: null,
    budgetsTold: [],
    brokenEdit: null,
    unusable: null,
    left: null,
    lookedAtMs: 0,
    idleToldAtMs: 0,
    active: new Map(),
    retries: new Map(),
    spawned: 0,
    succeeded: [],
    failed: [],
    aborted: [],
    refused: [],
    through: new Set(),
    stale: [],
    details: [],
    lastSeq: 0,
  };
}

export function applyPrepared(state: CoordinatorState, prepared: PreparedRun): void {
  state.input = prepared.input;
  state.integration = prepared.integration;
  state.maxIssues = prepared.input.max_issues ?? null;
  applySettings(state, prepared.settings);
}

/** As WORKFLOW.md is now. */
export function applySettings(state: CoordinatorState, settings: RunSettings): void {
  state.settings = settings;
  state.maxAgents = Math.min(wantedAgents(state) ?? AGENTS_BOUND, AGENTS_BOUND);
}

/** What the input says, or WORKFLOW.md for a run that follows it. Undefined: no limit. */
export function wantedAgents({ input, settings }: CoordinatorState): number | undefined {
  if (!input.follows_file || settings.maxAgents === undefined) return input.max_agents;
  return settings.maxAgents ?? undefined;
}
