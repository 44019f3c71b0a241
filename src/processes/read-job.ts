import { lstat, readFile, readlink, stat } from 'node:fs/promises';
import { hasCode } from './create-once.js';
import { isAlive, type ProcessIdentity } from './identity.js';
import { isRecordBroken, jobPaths, readStop, VOID, type JobStop } from './job-folder.js';

/**
 * - `none`: not started as far as anyone can know, and may be.
 * - `voided`: stopped before it began; it never will.
 * - `running`: its wrapper is alive.
 * - `exited`: it ended and left its exit status (128 + n for signal n).
 * - `lost`: it is gone and left no exit status, or the folder holds nonsense.
 */
export type JobState =
  | { state: 'none' }
  | { state: 'voided'; startedAt: Date }
  | { state: 'running'; startedAt: Date; identity: ProcessIdentity }
  | { state: 'exited'; startedAt: Date; endedAt: Date; exitCode: number; identity: ProcessIdentity }
  | { state: 'lost'; startedAt: Date; reason: string; identity?: ProcessIdentity };

/** What is known of a job from its folder alone. Never throws for what the folder holds. */
export async function readJob(folder: string): Promise<JobState & { stop?: JobStop }> {
  const stop = await readStop(folder);
  return { ...(await readState(folder)), ...(stop && { stop }) };
}

async function readState(folder: string): Promise<JobState> {
  const link = await readLink(folder);
  switch (link.kind) {
    case 'absent':
      return (await isRecordBroken(folder)) ? lostRecord(new Date()) : { state: 'none' };
    case 'void':
      return (await isRecordBroken(folder)) ? lostRecord(link.madeAt) : { state: 'voided', startedAt: link.madeAt };
    case 'nonsense':
      return { state: 'lost', startedAt: link.madeAt, reason: 'its pid link is unreadable' };
    case 'process':
      return readStarted(folder, link.identity, link.madeAt);
  }
}

function lostRecord(startedAt: Date): JobState {
  return { state: 'lost', startedAt, reason: 'its record.json is unreadable' };
}

async function readStarted(folder: string, identity: ProcessIdentity, startedAt: Date): Promise<JobState> {
  // Alive is asked first: the exit status is written before the wrapper ends, so what isn't there afterwards never comes.
  const alive = isAlive(identity);
  const exit = await readExit(folder);
  if (exit) {
    const endedAt = exit.endedAt < startedAt ? startedAt : exit.endedAt;
    return { state: 'exited', startedAt, endedAt, exitCode: exit.exitCode, identity };
  }
  if (alive) return { state: 'running', startedAt, identity };
  return { state: 'lost', startedAt, reason: 'its process is gone and left no exit status', identity };
}

/** Undefined until the whole status is there. */
export async function readExit(folder: string): Promise<{ exitCode: number; endedAt: Date } | undefined> {
  const { exit } = jobPaths(folder);
  try {
    const code = /^(\d{1,3})\n/.exec(await readFile(exit, 'latin1'))?.[1];
    return code === undefined ? undefined : { exitCode: Number(code), endedAt: (await stat(exit)).mtime };
  } catch {
    return undefined;
  }
}

export type PidLink =
  | { kind: 'absent' }
  | { kind: 'void'; madeAt: Date }
  | { kind: 'process'; identity: ProcessIdentity; madeAt: Date }
  | { kind: 'nonsense'; madeAt: Date };

export async function readLink(folder: string): Promise<PidLink> {
  const path = jobPaths(folder).link;
  let madeAt: Date;
  let target: string;
  try {
    madeAt = (await lstat(path)).mtime;
    target = await readlink(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return { kind: 'absent' };
    if (hasCode(error, 'EINVAL')) return { kind: 'nonsense', madeAt: madeAt! };
    throw error;
  }
  if (target === VOID) return { kind: 'void', madeAt };
  const match = /^(\d{1,15}):(.+):([^:]+)$/.exec(target);
  const pid = Number(match?.[1]);
  // Signals to 0, 1 and below reach far more than one process.
  if (!match || pid <= 1) return { kind: 'nonsense', madeAt };
  return { kind: 'process', identity: { pid, startTime: match[2]!, bootId: match[3]! }, madeAt };
}
