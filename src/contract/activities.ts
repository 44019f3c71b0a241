import type { CompleteRunInput } from '../config/run-input.js';
import type { AgentChoice, AgentKind } from './agents.js';
import type { AgentResult, IssueOutcome, Verdict } from './outcomes.js';

/** Which run an activity works for. Everything else about the project is read from its folder. */
export interface RunRef {
  /** First run ID of the chain: continue-as-new keeps it. */
  runId: string;
  project: string;
  projectDir: string;
  configFile?: string;
  /** Overrides the agent of the configuration. */
  agentCommand?: string;
}

/** What the workflow needs to know of the project's configuration. Durations in milliseconds. */
export interface RunSettings {
  pollIntervalMs: number;
  /** The run ends with poll_failed when polling has failed for so long. */
  pollGiveUpMs: number;
  maxAttempts: number;
  maxRetryBackoffMs: number;
  /** For summaries: `sh`, `claude`. */
  agentLabel: string;
  /** What the issues of this project may be given to. Absent in histories of earlier versions: `shell` alone. */
  agentKinds?: AgentKind[];
  /** Turns of one attempt at most: how often an agent is told in its own session why its work was rejected. */
  maxTurns?: number;
  budget?: Budget;
  /** Agents at the same time, for a run that follows WORKFLOW.md in that. Null: no limit. */
  maxAgents?: number | null;
  /** There is something to verify or land: false in a directory without a gate. */
  verifies: boolean;
}

/** Limits of what agents may use; absent: none. US dollars, tokens of input and output together. */
export interface Budget {
  runUsd?: number;
  issueUsd?: number;
  dayUsd?: number;
  runTokens?: number;
  issueTokens?: number;
  /** Active agents are stopped, too, when a budget is spent. */
  hard: boolean;
}

/** A day in the worker's time zone. */
export interface Day {
  /** `2026-01-31` */
  date: string;
  /** ISO 8601. */
  endsAt: string;
}

export interface PreparedRun {
  input: CompleteRunInput;
  settings: RunSettings;
  day?: Day;
  /** US dollars that agents of the project's earlier runs have used this day. */
  spentTodayUsd?: number;
  integration: { branch: string; base: string } | null;
  warnings: string[];
}

export interface FetchRequest {
  run: RunRef;
  selection: Pick<
    CompleteRunInput,
    'epic' | 'only' | 'order' | 'wip_first' | 'orphans_only' | 'types' | 'retry_failed'
  >;
  /** Ids that are left out, whatever the tracker lists. */
  exclude: string[];
  /** Ids named by `only` that this run has started already: no warning for them. */
  handled: string[];
  /** At most so many ids are returned. */
  limit: number;
  /** So many of them are claimed, in their order; 0: none. */
  take: number;
  /** Also what a call took for this run whose answer never arrived, because its worker died. */
  recovers: boolean;
  /** False: nothing is offered, only `watch` is looked at. */
  offers: boolean;
  /** Issues for agents of these kinds are listed as `held` and not claimed: a usage limit lasts. */
  limited?: AgentKind[];
  /** Issues that agents work on: looked at in the same listing. */
  watch: string[];
}

/** An active issue that somebody took away: closed, claimed, set back or deleted. */
export interface Withdrawal {
  id: string;
  reason: string;
}

export interface ReadyPage {
  /** What is ready, in the order in which it should be started, with what was claimed or refused of it. */
  ids: string[];
  /** Ready, and left where it is because its agent's kind is limited. */
  held?: string[];
  /** Claimed for this run, in order: an agent is to be started for each. */
  taken: TakenIssue[];
  /** Somebody else has it, it is blocked by now, it is gone. */
  refused: { id: string; reason: string }[];
  /** Listed as ready although this run has worked on them already: the tracker is behind. */
  stale: string[];
  withdrawn: Withdrawal[];
  warnings: string[];
  /** Read afresh: edits of WORKFLOW.md apply to what starts from now on. */
  settings: RunSettings;
  /** WORKFLOW.md can't be used as it is now: the settings are those of the last version that could. */
  brokenEdit?: BrokenEdit;
  day?: Day;
}

export interface BrokenEdit {
  /** Another one for each edit. */
  version: string;
  /** What is wrong, a line. */
  message: string;
}

export interface TakenIssue {
  id: string;
  title: string;
  workspace: string;
  /** Absent in histories of earlier versions: the one that the configuration names. */
  agent?: AgentChoice;
  /** No agent can be started for it, in a line: what its text or its labels ask for can't be had. It is given up at once. */
  unfit?: string;
}

export interface IssueRequest {
  run: RunRef;
  issueId: string;
  issueTitle: string;
}

export interface AttemptRequest extends IssueRequest {
  attempt: number;
  /** How often this attempt was begun anew after a usage limit, which uses up no attempt. */
  resumption: number;
  /** Turns of this attempt in the agent's session, from 1: later ones tell it why its work was rejected. Absent: 1. */
  turn?: number;
  /** As chosen when the issue was claimed. Absent: the one that the configuration names. */
  agent?: AgentChoice;
  /** What went wrong in the attempt or turn before, for the prompt. */
  previous?: string;
  /** What is left of the budgets in US dollars, where `budget.hard` is set and the program can mind it. */
  allowanceUsd?: number;
  /** Don't start or wait for anything: stop it if it runs, and say what became of it. */
  settle?: boolean;
}

export interface VerifyRequest extends AttemptRequest {
  /** The agent said that nothing is to be done. */
  noChange: boolean;
  /** Its last message, for people who review the work. */
  said?: string;
}

/** What becomes of an issue in the tracker and of its workspace. */
export type Settlement =
  | { kind: 'close'; outcome: 'succeeded' | 'no_change'; reason: string; commit?: string }
  | { kind: 'fail'; reason: string }
  | { kind: 'release'; reason: string };

export interface FinalizeRequest extends AttemptRequest {
  settlement: Settlement;
  /** Then see at once what is ready, for the slot that becomes free: saves a round trip. */
  next?: FetchRequest;
}

export interface FinalizeAnswer {
  /** As it was settled, but `failed` when reading back shows that the work isn't where it was landed. */
  outcome: IssueOutcome;
  /** What the run should tell beyond the settlement: closed by somebody else meanwhile, gone from the tracker. */
  notes: string[];
  closedEpics: string[];
  /** Issues that the agent added in its workspace, brought over. */
  adopted: string[];
  /** The workspace that was kept for a person. */
  workspace?: string;
  /** The answer to `next`; absent when that failed, which the next poll will tell. */
  next?: ReadyPage;
}

/**
 * What is known of an issue when `finalizeIssue` fails; the failure's detail. `written`: the issue is as it was settled, and only its
 * epics are left to be looked at. Without a detail (its worker died): `unknown`.
 */
export type UnwrittenState = 'written' | 'not_written' | 'unknown';

/** Another detail of a failure: when trying again may help, in milliseconds from then. Not until a rate limit is reset. */
export interface RetryAfter {
  retryAfterMs: number;
}

/** The activities, as the workflow calls them. All are safe to call again after a crash. */
export interface Activities {
  /** Checks the input, whoever sent it, and makes the integration branch ready. */
  prepareRun(project: string, runId: string, input: unknown): Promise<PreparedRun>;
  /** Lists what is ready and claims what is to be started, in one go. */
  fetchReadyIssues(request: FetchRequest): Promise<ReadyPage>;
  /** Makes sure that the agent of this attempt is running, watches it, and returns its outcome. */
  runAgent(request: AttemptRequest): Promise<AgentResult>;
  /** Commits what is left, runs the gate, lands. */
  verifyWork(request: VerifyRequest): Promise<Verdict>;
  /** Writes the outcome to the tracker, closes epics, and removes or keeps the workspace. */
  finalizeIssue(request: FinalizeRequest): Promise<FinalizeAnswer>;
}
