import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * A job is a detached process that outlives garland; its folder is the only truth about it.
 * - `record.json`: what is to be run. Written once, and on disk before anything is started.
 * - `pid`: a symbolic link whose target text is `<pid>:<start time>:<boot>`. The job's own wrapper makes it before it starts the
 *   program, and a link can be made only once: so whoever makes it, nobody starts a second. `void` means that the job
 *   was stopped before it began, and it never will.
 * - `stdout`, `stderr`: raw. With `output: 'combined'` both are in `stdout`.
 * - `exit`: room for the exit status, filled in by the wrapper; its modification time is the end.
 * - `stop.json`: why garland stopped it; written before the first signal.
 */
export interface JobPaths {
  record: string;
  link: string;
  stdout: string;
  stderr: string;
  exit: string;
  stop: string;
}

export function jobPaths(folder: string): JobPaths {
  return {
    record: join(folder, 'record.json'),
    link: join(folder, 'pid'),
    stdout: join(folder, 'stdout'),
    stderr: join(folder, 'stderr'),
    exit: join(folder, 'exit'),
    stop: join(folder, 'stop.json'),
  };
}

export const VOID = 'void';

export const jobRecordSchema = z.object({
  version: z.literal(1),
  argv: z.tuple([z.string().min(1)], z.string()),
  cwd: z.string().min(1),
  stdinFile: z.string().optional(),
  output: z.enum(['separate', 'combined']),
  createdAt: z.string(),
  bootId: z.string(),
});

/** No environment: it may hold secrets. */
export type JobRecord = z.infer<typeof jobRecordSchema>;

export const jobStopSchema = z.object({
  version: z.literal(1),
  kind: z.enum(['aborted', 'timed_out', 'stalled', 'finished']),
  reason: z.string(),
  at: z.string(),
});

/** Why a job was stopped. `kind` says what its outcome is; `finished`: what it told before is. */
export type JobStop = Pick<z.infer<typeof jobStopSchema>, 'kind' | 'reason'>;

/** Undefined when it isn't there, or isn't what it should be. */
export async function readRecord(folder: string): Promise<JobRecord | undefined> {
  return readJson(jobPaths(folder).record, jobRecordSchema);
}

export async function isRecordBroken(folder: string): Promise<boolean> {
  return (await isRecordThere(folder)) && (await readRecord(folder)) === undefined;
}

export async function isRecordThere(folder: string): Promise<boolean> {
  return exists(jobPaths(folder).record);
}

/** Undefined when the job was not stopped by garland. A file that can't be read is a stop all the same. */
export async function readStop(folder: string): Promise<JobStop | undefined> {
  const path = jobPaths(folder).stop;
  const stop = await readJson(path, jobStopSchema);
  if (stop !== undefined) return { kind: stop.kind, reason: stop.reason };
  return (await exists(path)) ? { kind: 'aborted', reason: 'stopped (stop.json is unreadable)' } : undefined;
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
