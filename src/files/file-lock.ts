import { randomUUID } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, UserError } from '../errors.js';
import { ownIdentity, type ProcessIdentity } from '../processes/identity.js';
import { removeDeadLock, removeLeftovers } from './dead-lock.js';
import { readHolder, tryLink, type Holder } from './lock-holder.js';
import { takeTurn } from './turns.js';

export interface FileLockOptions {
  /** How long to wait for the lock, in milliseconds. @default 30_000 */
  timeoutMs?: number;
  /** Stops waiting, with its reason. Has no effect once the lock is held. */
  signal?: AbortSignal;
}

/**
 * Runs `fn` while no other process, and nobody else in this one, runs under the same lock file. A holder that was killed
 * loses the lock at once; a paused one keeps it. Not reentrant. The folder is made when it isn't there.
 *
 * For processes of one machine that see each other's pids: not across containers, nor over a network file system.
 *
 * @throws UserError, naming the holder's pid, when the lock isn't free in time.
 */
export async function withFileLock<T>(
  lockFile: string,
  fn: () => Promise<T> | T,
  { timeoutMs = 30_000, signal }: FileLockOptions = {},
): Promise<T> {
  const path = resolve(lockFile);
  const deadline = Date.now() + timeoutMs;
  const turn = await takeTurn(path, timeoutMs, signal);
  if (turn === undefined) throw describeTimeout(path, { pid: process.pid }, timeoutMs);
  try {
    const token = await acquire(path, deadline, timeoutMs, signal);
    try {
      return await fn();
    } finally {
      await release(path, token);
    }
  } finally {
    turn.end();
  }
}

async function acquire(path: string, deadline: number, timeoutMs: number, signal?: AbortSignal): Promise<string> {
  const token = randomUUID();
  const own = `${path}.${token}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(own, JSON.stringify({ ...readOwnIdentity(), token }), { flag: 'wx' });
    let removedDead = false;
    for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 50)) {
      signal?.throwIfAborted();
      if (await tryLink(own, path)) break;
      const holder = await readHolder(path);
      if (holder === undefined) continue;
      if (holder.dead && (await removeDeadLock(path, holder, own))) {
        removedDead = true;
        continue;
      }
      if (Date.now() >= deadline) throw describeTimeout(path, holder, timeoutMs);
      // Not all at the same moment, or the same one is late again and again.
      await sleep(pauseMs * (0.5 + Math.random()), undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
    if (removedDead) await removeLeftovers(path);
    return token;
  } finally {
    await rm(own, { force: true });
  }
}

async function release(path: string, token: string): Promise<void> {
  const holder = await readHolder(path);
  // Synchronous for the same reason as in removeDeadLock.
  if (holder?.token === token) unlinkSync(path);
}

let identity: ProcessIdentity | undefined;

/** Read once: on macOS it takes a process to find out. */
function readOwnIdentity(): ProcessIdentity {
  identity ??= ownIdentity();
  return identity;
}

function describeTimeout(path: string, holder: Pick<Holder, 'pid'>, timeoutMs: number): UserError {
  const who = holder.pid === undefined ? 'an unreadable lock' : `process ${holder.pid}`;
  return new UserError(
    `${path}: held by ${who}, still after ${timeoutMs / 1000} s; wait for it to end, or stop it`,
    EXIT.failed,
  );
}
