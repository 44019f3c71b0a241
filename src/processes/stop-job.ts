import { mkdir, symlink } from 'node:fs/promises';
import { createOnce, hasCode } from './create-once.js';
import { endProcesses } from './end-processes.js';
import { jobPaths, readStop, VOID, type JobStop } from './job-folder.js';
import { readJob } from './read-job.js';

export interface StopOptions {
  /** From SIGTERM to SIGKILL, in milliseconds. 0: SIGKILL at once. */
  graceMs: number;
  /** One line for a person. */
  reason: string;
  /** What the job's outcome is to be. @default 'aborted' */
  kind?: JobStop['kind'];
}

/** Milliseconds since its start; generous, because a loaded machine may take long from fork to exec. */
const YOUNG = 3_000;

/**
 * Ends a job with everything that came out of it, or, if it hasn't begun, sees to it that it never will. Answers why the
 * job was stopped, which is the reason given first, also by another process; undefined when it had ended before.
 * @throws Error when a process outlives SIGKILL.
 */
export async function stopJob(folder: string, options: StopOptions): Promise<JobStop | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const job = await readJob(folder);
  switch (job.state) {
    case 'voided':
      return job.stop;
    case 'exited':
    case 'lost':
      if (job.identity) await endProcesses({ folder, leader: job.identity }, { ...options, scope: 'all' });
      return job.stop;
    case 'none': {
      const stop = await recordStop(folder, options);
      return (await voidJob(folder)) ? stop : stopJob(folder, options);
    }
    case 'running': {
      const stop = await recordStop(folder, options);
      const isYoung = Date.now() - job.startedAt.getTime() < YOUNG;
      await endProcesses({ folder, leader: job.identity }, { ...options, scope: 'all', isYoung });
      return stop;
    }
  }
}

/** Takes the place of the link that a wrapper has to make first. False when a wrapper, or another void, came before. */
export async function voidJob(folder: string): Promise<boolean> {
  try {
    await symlink(VOID, jobPaths(folder).link);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function recordStop(folder: string, { reason, kind = 'aborted' }: StopOptions): Promise<JobStop> {
  const content = { version: 1, kind, reason, at: new Date().toISOString() };
  try {
    await createOnce(jobPaths(folder).stop, `${JSON.stringify(content)}\n`);
  } catch {
    // A full disk must not keep an agent running that somebody wants to stop.
  }
  return (await readStop(folder)) ?? { kind, reason };
}
