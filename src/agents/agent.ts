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
  /** Of this process alone: see attemptFolder. */
  folder: string;
  /** Of all of the run. */
  runFolder: string;
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
  /** By which words such as "resets at 7pm" are understood, however late they are read. @default now */
  endedAt?: Date;
}

/** What the raw output of a program says. */
export interface AgentReport {
  outcome: Extract<AgentOutcome, 'succeeded' | 'failed' | 'no_change' | 'limited'>;
  /** One line for a person. */
  reason: string;
  lastMessage?: string;
  /** See AgentResult. */
  output?: string;
  marker?: AgentMarker;
  limitedUntil?: string;
  /** The program's own ID of the session that it has begun, or gone on with. */
  session?: string;
  /** Another process can go on with the session: it has begun, and nothing in it is known to break every further turn. */
  resumable?: boolean;
  /** The session that was to be gone on with isn't known to the program, which has done nothing. */
  sessionGone?: boolean;
  /** What this process has used, as far as the program tells it apart. */
  own?: Usage;
  /** What the program says that its session has used so far. */
  counted?: Usage;
  /** See AgentResult. */
  unusable?: boolean;
}

export interface ProgramCheck {
  /** Prints its version and ends well. */
  argv: [string, ...string[]];
  /** The setting that names the program, and how it is got: for an error. */
  setting: string;
  install: string;
}

/** One kind of agent. Pure but for reading the files of the process, and making what the program has to find at its start. */
export interface Agent {
  readonly kind: AgentKind;
  /** A few characters for summaries: `claude`, `sh`. */
  readonly label: string;
  /** Its program keeps sessions that a later process can go on with. */
  readonly hasSessions: boolean;
  /** How it is found out before a run whether the program is there. Absent: it can't be. */
  readonly program?: ProgramCheck;
  /** In milliseconds, in the place of agent.timeout_ms and agent.stall_timeout_ms; 0: none. */
  readonly limits?: { timeoutMs?: number; stallTimeoutMs?: number };
  /** The ID of a new session, where the program lets it be chosen. */
  chooseSession?(): string;
  launch(spec: AttemptSpec, session: SessionStart): Launch;
  /** Makes what the program has to find when it starts, beyond its workspace. Safe to call again. */
  prepare?(spec: AttemptSpec, session: SessionStart): Promise<void>;
  interpret(output: RawOutput): Promise<AgentReport>;
  /** US dollars for what a process has used, for a program that doesn't tell. Null: no price is known. */
  price?(used: Usage): number | null;
  /** Whether a line of its stdout is its program's result, after which it need not be waited for much longer. */
  isResult?: (line: unknown) => boolean;
}
