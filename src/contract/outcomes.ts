import type { Usage } from './agents.js';

/** How one try of an agent at an issue ended. A value, never an exception: exceptions are for infrastructure. */
export const AGENT_OUTCOMES = [
  'succeeded',
  'failed',
  'no_change',
  'timed_out',
  'stalled',
  'limited',
  'aborted',
  'lost',
] as const;

/**
 * - `succeeded`: the agent ended well.
 * - `failed`: it ended badly (exit status, or its own word).
 * - `no_change`: it said that nothing is to be done.
 * - `timed_out`, `stalled`: garland stopped it.
 * - `limited`: a usage limit stopped it; uses up no attempt.
 * - `aborted`: stopped because the run was asked to stop.
 * - `lost`: its process is gone and left no exit status (the machine died, or somebody killed all of it).
 */
export type AgentOutcome = (typeof AGENT_OUTCOMES)[number];

/** The final outcome of an issue in a run, as `issue_finalized` reports it. */
export type IssueOutcome = 'succeeded' | 'no_change' | 'failed' | 'aborted';

/** Why a run ended by itself. */
export type EndReason = 'limit_reached' | 'none_ready' | 'all_refused';

/** How the run as a whole ended. `failed` is an error of the run's own, such as `poll_failed`. */
export type RunOutcome = 'completed' | 'aborted' | 'failed';

/** What the agent said about there being nothing to do, on a line of its own in its last message. */
export interface AgentMarker {
  kind: 'NO_CHANGE' | 'ALREADY_DONE' | 'OBSOLETE' | 'BLOCKED';
  reason: string;
}

/** What `runAgent` returns. Small and plain JSON: transcripts stay in the files that `directory` holds. */
export interface AgentResult {
  outcome: AgentOutcome;
  /** One line for a person: `exit 1`, `stopped after 30m`, … */
  reason: string;
  /** ISO 8601. */
  startedAt: string;
  /** ISO 8601; for a lost agent the moment at which that was noticed. */
  endedAt: string;
  /** Wall-clock seconds from start to end. */
  seconds: number;
  exitCode?: number;
  marker?: AgentMarker;
  /** The agent's last message, at most 2,000 characters. */
  lastMessage?: string;
  /** The end of what its program printed for people, at most 1,500 characters. Absent where it ended well, or printed nothing. */
  output?: string;
  /** For `limited`: when the limit ends, ISO 8601. */
  limitedUntil?: string;
  /** The program's own ID of its session, where it has such a thing. */
  session?: string;
  /** The session can be gone on with by another turn of the same attempt. */
  resumable?: boolean;
  /** What this process has used, as far as its program told. */
  usage?: Usage;
  /** No agent of this kind can work before a person has done something: it isn't installed, not logged in, too old. */
  unusable?: boolean;
  /** What went wrong beside it and changes nothing: a hook after the run. One line each. */
  warnings?: string[];
  /** Folder with the attempt's record and raw output. */
  directory: string;
}

/** Why work was not accepted. */
export type RejectionKind =
  | 'agent'
  | 'no_commit'
  | 'gate_failed'
  | 'gate_timed_out'
  | 'conflict'
  | 'workspace'
  // It is pushed, and GitHub refuses its pull request: no agent can mend that.
  | 'unpublished'
  | 'aborted';

/** What verifying and landing an attempt's work came to. */
export type Verdict =
  | {
      accepted: true;
      /** `landed`: on the integration branch; `branch`: left on its own branch; `pushed`: there at the remote; `nothing`: there was nothing to land. */
      landing: 'landed' | 'branch' | 'pushed' | 'nothing';
      /** The commit that the branch holds, when there is one. */
      commit?: string;
      /** One line for a person. */
      reason: string;
    }
  | {
      accepted: false;
      kind: RejectionKind;
      /** What a person needs to see, at most 4,000 characters: the end of the gate's output, the files in conflict. */
      reason: string;
      /** File with the whole output, when there is one. */
      logFile?: string;
    };
