import type { AgentKind, Usage } from '../contract/agents.js';
import type { AgentMarker, AgentOutcome } from '../contract/outcomes.js';

/** What an agent is asked to do. */
export interface AttemptSpec {
  issueId: string;
  issueTitle: string;
  attempt: number;
  /** First run ID of the run's chain. */
  runId: string;
  workspace: string;
  promptFile: string;
  baseBranch: string;
  /** The attempt's folder, for files that belong to this process alone. */
  folder: string;
  /** US dollars that this process may use at most, where its program can mind it. Absent: no limit. */
  allowanceUsd?: number;
}

/** The session that a process works in. */
export interface SessionStart {
  /** Known before the start: of the session that is gone on with, or chosen for a new one where the program allows that. */
  id?: string;
  /** Gone on with, not begun. */
  resumes: boolean;
  /** What the session's earlier processes have used. */
  before: Usage;
}

/** How to start the program: argv, never a shell line, and what its environment needs besides the common part. */
export interface Launch {
  argv: [string, ...string[]];
  env: Record<string, string>;
  /** Names of variables that this kind lets through from garland's own environment. */
  passEnv: string[];
}

/** The raw output of a process, while it runs or afterwards. */
export interface RawOutput {
  stdoutFile: string;
  stderrFile: string;
  /**
   * 128 + n after signal n. Null: it was ended from outside, or runs still, and its exit status says nothing; what it wrote
   * says how far it came.
   */
  exitCode: number | null;
}

/** What the raw output of a program says. */
export interface AgentReport {
  outcome: Extract<AgentOutcome, 'succeeded' | 'failed' | 'no_change' | 'limited'>;
  /** One line for a person. */
  reason: string;
  lastMessage?: string;
  marker?: AgentMarker;
  limitedUntil?: string;
  /** The program's own ID of the session that it has begun, or gone on with. */
  session?: string;
  /** Another process can go on with the session: it has begun, and nothing in it is known to break every further turn. */
  resumable?: boolean;
  /** The session that was to be gone on with isn't known to the program, which has done nothing. */
  sessionGone?: boolean;
  /** As the program tells it, see AgentSessions.counts. Absent: it told nothing. */
  reported?: Usage;
  /** See AgentResult. */
  unusable?: boolean;
}

/** How a program keeps its sessions. */
export interface AgentSessions {
  /** What the tokens and dollars are that it reports at its end: those of this process, or of all its session so far. */
  counts: 'process' | 'session';
  /** The ID of a new one, where the program lets it be chosen beforehand. */
  choose?(): string;
}

/** One kind of agent. Pure but for reading the files of the process, and making what the program has to find at its start. */
export interface Agent {
  readonly kind: AgentKind;
  /** A few characters for summaries: `claude`, `sh`. */
  readonly label: string;
  /** Absent: each process is on its own. */
  readonly sessions?: AgentSessions;
  /** In milliseconds, in the place of agent.timeout_ms and agent.stall_timeout_ms; 0: none. */
  readonly limits?: { timeoutMs?: number; stallTimeoutMs?: number };
  launch(spec: AttemptSpec, session: SessionStart): Launch;
  /** Makes what the program has to find when it starts, beyond its workspace. Safe to call again. */
  prepare?(spec: AttemptSpec, session: SessionStart): Promise<void>;
  interpret(output: RawOutput): Promise<AgentReport>;
  /** US dollars for what a process has used, for a program that tells none. Null: no price is known. */
  price?(used: Usage): number | null;
  /**
   * Whether the program has told its result, so that it need not be waited for much longer. Called while it runs, each time
   * with what the call before answered.
   */
  watch?(stdoutFile: string, before?: OutputWatch): Promise<OutputWatch>;
}

/** How far a file has been read, and whether the last whole line there was the program's result. */
export interface OutputWatch {
  offset: number;
  isResult: boolean;
}
