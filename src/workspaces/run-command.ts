import type { JobResult, RunJobOptions } from '../processes/job.js';

/** As in src/processes/run-job.ts. */
export type RunJob = (folder: string, options: RunJobOptions) => Promise<JobResult>;
/** The whole environment of a hook or a gate's command, from garland's own and these variables. */
export type BuildEnvironment = (extra: Record<string, string>) => Record<string, string>;

export interface CommandDeps {
  runJob: RunJob;
  environment: BuildEnvironment;
}

export interface CommandSpec {
  /** Run through `sh -c`. */
  command: string;
  cwd: string;
  env: Record<string, string>;
  timeoutMs: number;
  signal: AbortSignal;
}

/** From SIGTERM to SIGKILL, in milliseconds. */
export const GRACE_MS = 5_000;

/** Runs a command as the job of this folder. Called again for the same folder it attaches, and answers the same. */
export async function runCommand(deps: CommandDeps, folder: string, spec: CommandSpec): Promise<JobResult> {
  return deps.runJob(folder, {
    argv: ['sh', '-c', spec.command],
    cwd: spec.cwd,
    env: deps.environment(spec.env),
    timeoutMs: spec.timeoutMs,
    graceMs: GRACE_MS,
    signal: spec.signal,
  });
}

/** How often a command is started that vanishes without an exit status: the machine died, and did so again. */
const MAX_STARTS = 3;

/**
 * The same for a command that may be run again: one whose process vanished with the machine gets a new job beside the
 * lost one. `beforeAgain` puts right what the lost one may have left.
 */
export async function runRepeatableCommand(
  deps: CommandDeps,
  folder: string,
  spec: CommandSpec,
  beforeAgain: () => Promise<void> = async () => {},
): Promise<JobResult> {
  for (let start = 1; ; start += 1) {
    const result = await runCommand(deps, start === 1 ? folder : `${folder}-again-${start - 1}`, spec);
    if (result.outcome !== 'lost' || start === MAX_STARTS) return result;
    await beforeAgain();
  }
}
