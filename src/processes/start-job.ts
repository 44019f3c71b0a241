import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createOnce } from './create-once.js';
import { readBootId } from './identity.js';
import { jobPaths, readRecord, type JobRecord } from './job-folder.js';
import { readJob, readLink } from './read-job.js';
import type { StartedProcess } from './starter.js';
import { voidJob } from './stop-job.js';
import { waitForJob, type JobEnd } from './wait-for-job.js';
import { spawnWrapper } from './wrapper.js';

export interface JobSpec {
  /** Program and arguments; no shell comes in between. */
  argv: readonly [string, ...string[]];
  /** Absolute. If it is missing, the exit status is 126. */
  cwd: string;
  /** The whole environment; GARLAND_JOB is added. Not written down. */
  env: Record<string, string>;
  /** @default nothing to read */
  stdinFile?: string;
  /** `combined`: stderr goes into the file `stdout` too, in order. @default 'separate' */
  output?: 'separate' | 'combined';
}

export interface Job {
  readonly folder: string;
  wait(options?: { signal?: AbortSignal }): Promise<JobEnd>;
}

/** Points at which a crash can happen, for tests: `onStep` may throw, or kill this process. */
export type StartStep = 'prepared' | 'recorded' | 'spawned' | 'linked';

export interface StartDeps {
  onStep?: (step: StartStep) => void;
}

/** Room for an exit status, taken before the start. */
const EXIT_ROOM = `${' '.repeat(15)}\n`;
/** How long a wrapper may take to get going, in milliseconds. */
const LINK_PATIENCE = 30_000;

/**
 * Starts the job of this folder, or attaches to the one that it has: running, ended or voided. However often, from
 * however many processes and after whichever crash this is called, the program starts once at most. What it runs is what
 * the first call recorded.
 * @throws Error when no process can be started; nothing runs then, and calling again may succeed.
 */
export async function startJob(folder: string, spec: JobSpec, { onStep }: StartDeps = {}): Promise<Job> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const known = await readJob(folder);
  if (known.state !== 'none') return attachJob(folder);
  if (known.stop) {
    // Whoever wrote that down died before they got to the link.
    await voidJob(folder);
    return attachJob(folder);
  }
  await createOnce(jobPaths(folder).exit, EXIT_ROOM);
  onStep?.('prepared');
  await createOnce(jobPaths(folder).record, `${JSON.stringify(makeRecord(spec), undefined, 2)}\n`);
  onStep?.('recorded');
  const record = await readRecord(folder);
  if (record === undefined) {
    await voidJob(folder);
    return attachJob(folder);
  }
  // A wrapper of an earlier call may still come: only one of them can make the link.
  const child = await spawnWrapper(folder, record, spec.env);
  onStep?.('spawned');
  await waitForLink(folder, child, record);
  onStep?.('linked');
  return attachJob(folder, child);
}

/** For a job that has been started, by whomever. */
export function attachJob(folder: string, child?: StartedProcess): Job {
  return { folder, wait: ({ signal } = {}) => waitForJob(folder, { signal, child }) };
}

function makeRecord(spec: JobSpec): JobRecord {
  return {
    version: 1,
    argv: [...spec.argv],
    cwd: spec.cwd,
    ...(spec.stdinFile !== undefined && { stdinFile: spec.stdinFile }),
    output: spec.output ?? 'separate',
    createdAt: new Date().toISOString(),
    bootId: readBootId(),
  };
}

async function waitForLink(folder: string, child: StartedProcess, record: JobRecord): Promise<void> {
  const giveUp = performance.now() + LINK_PATIENCE;
  for (let pause = 2; ; pause = Math.min(pause * 2, 50)) {
    const end = child.end();
    if ((await readLink(folder)).kind !== 'absent') return;
    if (end !== undefined) throw new Error(`cannot start ${record.argv[0]}: the wrapper ended with ${end}`);
    // Once it is dead it can't make the link any more, so the next look is the last.
    if (performance.now() > giveUp) child.kill();
    await delay(pause);
  }
}
