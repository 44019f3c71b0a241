import { statSync } from 'node:fs';
import { LeftRunning, readInterruption } from './interruption.js';
import { jobPaths, type JobStop } from './job-folder.js';
import { readJob } from './read-job.js';
import { attachJob, startJob, type Job, type JobSpec, type StartDeps } from './start-job.js';
import { stopJob } from './stop-job.js';
import type { JobEnd } from './wait-for-job.js';

/** All in milliseconds. */
export interface JobLimits {
  /** Since the job's own start, whoever started it. 0: none. */
  timeoutMs: number;
  /** Without growth of its output. 0: none. */
  stallTimeoutMs: number;
  /** From SIGTERM to SIGKILL. */
  graceMs: number;
  /**
   * Whether the program has told all that it has to tell, asked while it is silent: its own children may keep it open for
   * ever. It is ended when it stays silent.
   */
  hasFinished?: (stdoutFile: string) => Promise<boolean>;
}

export interface SupervisedEnd {
  end: JobEnd;
  /** Why it was stopped, now or by an earlier call; absent when it ended by itself. */
  stop?: JobStop;
}

/**
 * Starts the job or attaches to it, and returns how it ended, within its limits. A job that ended by itself keeps its real
 * end, however late anyone looks; one that an earlier call began to stop is stopped to the end, for the earlier reason.
 * @throws LeftRunning when the signal says so. Nothing has been touched, nor started.
 */
export async function superviseJob(
  folder: string,
  spec: JobSpec,
  limits: JobLimits & { signal: AbortSignal },
  deps?: StartDeps,
): Promise<SupervisedEnd> {
  if (readInterruption(limits.signal)?.kind === 'leave') throw new LeftRunning(folder);
  // Not to be started any more: stopping it is what sees to that.
  const job = limits.signal.aborted ? attachJob(folder) : await startJob(folder, spec, deps);
  const result = await waitWithin(job, limits);
  switch (result.kind) {
    case 'ended': {
      const { stop } = await readJob(folder);
      return { end: result.end, ...(stop && { stop }) };
    }
    case 'leave':
      throw new LeftRunning(folder);
    case 'stop': {
      const stop = await stopJob(folder, { graceMs: limits.graceMs, ...result.stop });
      return { end: await job.wait(), ...(stop && { stop }) };
    }
  }
}

type Waited = { kind: 'ended'; end: JobEnd } | { kind: 'leave' } | { kind: 'stop'; stop: JobStop };

async function waitWithin(job: Job, limits: JobLimits & { signal: AbortSignal }): Promise<Waited> {
  const known = await readJob(job.folder);
  if (known.state === 'running' && known.stop) return { kind: 'stop', stop: known.stop };
  if (limits.signal.aborted) return toWaited(limits.signal);
  if (known.state !== 'running') return { kind: 'ended', end: await job.wait() };

  let first: Waited | undefined;
  const waiting = new AbortController();
  const interrupt = (waited: Waited) => {
    first ??= waited;
    waiting.abort();
  };
  const onSignal = () => interrupt(toWaited(limits.signal));
  limits.signal.addEventListener('abort', onSignal, { once: true });
  const timeout = startTimeout(known.startedAt, limits.timeoutMs, interrupt);
  const stall = watchSilence(job.folder, limits.stallTimeoutMs, () =>
    interrupt({ kind: 'stop', stop: stalled(limits) }),
  );
  const finish = watchFinish(job.folder, limits.hasFinished, interrupt);
  try {
    return { kind: 'ended', end: await job.wait({ signal: waiting.signal }) };
  } catch (error) {
    if (first) return first;
    throw error;
  } finally {
    limits.signal.removeEventListener('abort', onSignal);
    clearTimeout(timeout);
    clearInterval(stall);
    clearInterval(finish);
  }
}

function toWaited(signal: AbortSignal): Waited {
  const interruption = readInterruption(signal);
  if (interruption?.kind === 'leave') return { kind: 'leave' };
  return { kind: 'stop', stop: { kind: 'aborted', reason: interruption?.reason ?? 'stopped' } };
}

function startTimeout(startedAt: Date, timeoutMs: number, interrupt: (waited: Waited) => void) {
  if (timeoutMs === 0) return undefined;
  // Not more, if the clock was set back: a timer for longer than 24 days would be over at once.
  const left = Math.min(timeoutMs, Math.max(0, startedAt.getTime() + timeoutMs - Date.now()));
  const stop: JobStop = { kind: 'timed_out', reason: `stopped after ${formatDuration(timeoutMs)}` };
  return setTimeout(() => interrupt({ kind: 'stop', stop }), left).unref();
}

const stalled = ({ stallTimeoutMs }: JobLimits): JobStop => ({
  kind: 'stalled',
  reason: `stopped after ${formatDuration(stallTimeoutMs)} without output`,
});

/** Milliseconds of silence after its result until a program is ended. */
const FINISH_AFTER = 5_000;

function watchFinish(
  folder: string,
  hasFinished: JobLimits['hasFinished'],
  interrupt: (waited: Waited) => void,
): NodeJS.Timeout | undefined {
  if (hasFinished === undefined) return undefined;
  const stop: JobStop = { kind: 'finished', reason: 'ended: it had told its result, and went on' };
  const ask = async () => {
    if (await hasFinished(jobPaths(folder).stdout)) interrupt({ kind: 'stop', stop });
  };
  // What can't be read now is asked for again at the next look.
  return watchSilence(folder, FINISH_AFTER, () => void ask().catch(() => undefined));
}

/**
 * Calls back at every look while the output has not grown for so long. The files' own times tell how long the silence has
 * lasted before anyone watched. From then on a clock counts that stands still while the machine sleeps: a closed laptop is
 * no stall.
 */
function watchSilence(folder: string, silenceMs: number, onSilence: () => void): NodeJS.Timeout | undefined {
  if (silenceMs === 0) return undefined;
  let last = readLastGrowth(folder);
  let silentSince = performance.now() - Math.max(0, Date.now() - last);
  const look = () => {
    const growth = readLastGrowth(folder);
    if (growth !== last) {
      last = growth;
      silentSince = performance.now();
    }
    if (performance.now() - silentSince >= silenceMs) onSilence();
  };
  return setInterval(look, Math.min(Math.max(silenceMs / 10, 20), 5_000)).unref();
}

function readLastGrowth(folder: string): number {
  const { stdout, stderr } = jobPaths(folder);
  return Math.max(
    ...[stdout, stderr].map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY),
  );
}

/** `90s`, `30m`, `2h`: the largest unit that comes out even. */
export function formatDuration(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return `${ms / 1_000}s`;
}
