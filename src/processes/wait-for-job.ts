import { setTimeout as delay } from 'node:timers/promises';
import { endProcesses, isGroupGone } from './end-processes.js';
import { createLivenessCheck, isAlive, type ProcessIdentity } from './identity.js';
import { readJob, type JobState } from './read-job.js';
import type { StartedProcess } from './starter.js';

export type JobEnd =
  /** `exitCode` is 128 + n after signal n. */
  | { kind: 'exited'; exitCode: number; startedAt: Date; endedAt: Date }
  /** `endedAt` is when that was noticed. */
  | { kind: 'lost'; reason: string; startedAt: Date; endedAt: Date }
  /** Stopped before it began. */
  | { kind: 'voided'; startedAt: Date; endedAt: Date };

/** 128 and SIGKILL. */
const EXIT_KILLED = 137;
/** Milliseconds between two looks. Our own child tells us by itself. */
const POLL = 100;
const POLL_CHILD = 1_000;
/** What a program leaves behind in its group has been sent SIGTERM by the wrapper; so long until SIGKILL. */
const LEFTOVER_GRACE = 1_000;

/**
 * Waits until the job has ended and nothing is left in its process group. Rejects with the signal's reason, unless the
 * job has ended. Does not keep this process alive. `child`: its wrapper, if this process started it.
 */
export async function waitForJob(
  folder: string,
  { signal, child }: { signal?: AbortSignal; child?: StartedProcess } = {},
): Promise<JobEnd> {
  for (;;) {
    const job = await readJob(folder);
    if (job.state !== 'running') return finish(folder, job);
    await waitForDeath(job.identity, signal, child?.pid === job.identity.pid ? child : undefined);
  }
}

async function waitForDeath(identity: ProcessIdentity, signal?: AbortSignal, child?: StartedProcess): Promise<void> {
  const ended = new AbortController();
  const stopListening = child?.onEnd(() => ended.abort());
  const wake = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
  const check = createLivenessCheck(identity);
  try {
    while (check()) {
      signal?.throwIfAborted();
      await delay(child ? POLL_CHILD : POLL, undefined, { ref: false, signal: wake }).catch(() => undefined);
    }
  } finally {
    stopListening?.();
  }
}

async function finish(folder: string, job: Exclude<JobState, { state: 'running' }>): Promise<JobEnd> {
  const noticed = new Date();
  switch (job.state) {
    case 'exited': {
      const { exitCode, startedAt, endedAt, identity } = job;
      // Whoever killed the program gave it no chance to end what it had started, in groups of their own, too.
      const isKilled = exitCode === EXIT_KILLED;
      // The status is written a moment before the wrapper ends.
      if (isKilled || isAlive(identity) || !isGroupGone(identity)) {
        const scope = isKilled ? 'all' : 'group';
        await endProcesses({ folder, leader: identity }, { graceMs: LEFTOVER_GRACE, scope });
      }
      return { kind: 'exited', exitCode, startedAt, endedAt };
    }
    case 'lost':
      // Whoever killed the wrapper may have left the program running.
      if (job.identity) {
        await endProcesses({ folder, leader: job.identity }, { graceMs: LEFTOVER_GRACE, scope: 'all' });
      }
      return { kind: 'lost', reason: job.reason, startedAt: job.startedAt, endedAt: noticed };
    case 'voided':
      return { kind: 'voided', startedAt: job.startedAt, endedAt: job.startedAt };
    case 'none':
      return { kind: 'lost', reason: 'it was never started', startedAt: noticed, endedAt: noticed };
  }
}
