import type { JobStop } from './job-folder.js';
import { jobPaths } from './job-folder.js';
import { readTail } from './read-tail.js';
import type { JobSpec, StartDeps } from './start-job.js';
import { superviseJob } from './supervise-job.js';
import type { JobEnd } from './wait-for-job.js';

export interface RunJobOptions extends Omit<JobSpec, 'output'> {
  /** Milliseconds since the job's own start, so that attaching after a crash doesn't prolong it. 0: none. */
  timeoutMs: number;
  /** From SIGTERM to SIGKILL, in milliseconds. */
  graceMs: number;
  /** Its reason is an Interruption: stop the job, or leave it running. */
  signal: AbortSignal;
}

export interface JobResult {
  outcome: 'exited' | 'timed_out' | 'aborted' | 'lost';
  /** When it ended by itself: 128 + n after signal n. */
  exitCode?: number;
  /** One line for a person: `exit 1`, `stopped after 30m`, … */
  reason: string;
  seconds: number;
  /** The end of its stdout and stderr together, at most 3,000 bytes, cleaned. */
  tail: string;
  /** The whole output, raw. */
  logFile: string;
}

const TAIL_BYTES = 3_000;

/**
 * Runs a command to its end: for the gate and hooks. Called again for the same folder it attaches, and answers the same.
 * @throws LeftRunning when the signal says so; Error when no process can be started.
 */
export async function runJob(
  folder: string,
  { timeoutMs, graceMs, signal, ...spec }: RunJobOptions,
  deps?: StartDeps,
): Promise<JobResult> {
  const limits = { timeoutMs, stallTimeoutMs: 0, graceMs, signal };
  const { end, stop } = await superviseJob(folder, { ...spec, output: 'combined' }, limits, deps);
  const logFile = jobPaths(folder).stdout;
  return {
    ...describeEnd(end, stop),
    seconds: (end.endedAt.getTime() - end.startedAt.getTime()) / 1_000,
    tail: await readTail(logFile, TAIL_BYTES),
    logFile,
  };
}

function describeEnd(end: JobEnd, stop?: JobStop): Pick<JobResult, 'outcome' | 'exitCode' | 'reason'> {
  if (stop) return { outcome: stop.kind === 'timed_out' ? 'timed_out' : 'aborted', reason: stop.reason };
  switch (end.kind) {
    case 'exited':
      return { outcome: 'exited', exitCode: end.exitCode, reason: `exit ${end.exitCode}` };
    case 'lost':
      return { outcome: 'lost', reason: end.reason };
    case 'voided':
      return { outcome: 'aborted', reason: 'stopped before it began' };
  }
}
