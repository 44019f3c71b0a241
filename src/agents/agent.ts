import type { Config } from '../config/schema.js';
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
}

/** How to start the program: argv, never a shell line, and what its environment needs besides the common part. */
export interface Launch {
  argv: [string, ...string[]];
  env: Record<string, string>;
  /** Names of variables that this kind lets through from garland's own environment. */
  passEnv: string[];
}

/** What the raw output of a program that ended says. */
export interface AgentReport {
  outcome: Extract<AgentOutcome, 'succeeded' | 'failed' | 'no_change' | 'limited'>;
  /** One line for a person. */
  reason: string;
  lastMessage?: string;
  marker?: AgentMarker;
  limitedUntil?: string;
}

/** One kind of agent. Pure but for reading the attempt's own files. */
export interface Agent {
  readonly kind: string;
  /** A few characters for summaries: `claude`, `sh`. */
  readonly label: string;
  launch(spec: AttemptSpec, config: Config['agent']): Launch;
  interpret(output: { stdoutFile: string; stderrFile: string; exitCode: number }): Promise<AgentReport>;
}
