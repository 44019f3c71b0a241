import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { isListening } from './dev-server-ports.js';
import { isAlive, type ProcessIdentity } from '../processes/identity.js';
import type { OnProgress } from './progress.js';

export type Health = 'healthy' | 'ended' | 'silent';

/**
 * Asks until the server answers, its process has ended, or the time is over. An overloaded machine can need tens of seconds.
 */
export async function waitForAnswer(
  server: { address: string; process: ProcessIdentity },
  timeoutMs: number,
  onProgress?: OnProgress,
): Promise<Health> {
  const startedAt = Date.now();
  let toldAt = startedAt;
  while (isAlive(server.process)) {
    if (await answersWhileAlive(server)) return 'healthy';
    const waited = Date.now() - startedAt;
    if (waited > timeoutMs) return 'silent';
    if (Date.now() - toldAt > TELL_EVERY_MS) {
      toldAt = Date.now();
      onProgress?.(`waiting for the Temporal server at ${server.address} to answer (${Math.round(waited / 1_000)} s)`);
    }
    await sleep(PAUSE_MS);
  }
  return 'ended';
}

/** gRPC goes on for its whole time after the server has died in the middle of a try, so its process is looked at too. */
async function answersWhileAlive(server: { address: string; process: ProcessIdentity }): Promise<boolean> {
  const end = new AbortController();
  const answer = answersOnce(server.address, TRY_MS, end.signal);
  try {
    for (;;) {
      const first = await Promise.race([answer, sleep(LOOK_EVERY_MS, 'waiting' as const)]);
      if (first !== 'waiting') return first;
      if (!isAlive(server.process)) return false;
    }
  } finally {
    end.abort();
  }
}

/** One `getSystemInfo`. The port is tried first, because gRPC waits a second after a refused connection. */
export async function answersOnce(address: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  if (!(await isListening(Number(address.split(':')[1])))) return false;
  const connection = openLoopback(address, timeoutMs);
  signal?.addEventListener('abort', () => void connection.close());
  try {
    await connection.ensureConnected();
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

/** Straight to the address: an http_proxy that is set for the rest of the world can't reach this machine's loopback. */
export function openLoopback(address: string, timeoutMs: number): Connection {
  return Connection.lazy({ address, connectTimeout: timeoutMs, channelArgs: { 'grpc.enable_http_proxy': 0 } });
}

const TRY_MS = 5_000;
const PAUSE_MS = 50;
const LOOK_EVERY_MS = 200;
const TELL_EVERY_MS = 2_000;
