import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from '../processes/identity.js';

/**
 * SIGTERM to the process group, then SIGKILL after `graceMs` (0: SIGKILL at once), and waits until it is gone.
 * The group, because the configured program may be a script that runs the real one.
 *
 * @returns how it ended
 */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<'terminated' | 'killed'> {
  if (graceMs > 0) {
    signalGroup(identity, 'SIGTERM');
    if (await waitForEnd(identity, graceMs)) return 'terminated';
  }
  signalGroup(identity, 'SIGKILL');
  if (await waitForEnd(identity, KILL_TIMEOUT_MS)) return 'killed';
  throw new Error(`process ${identity.pid} does not end, not even by SIGKILL`);
}

function signalGroup(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(-identity.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function waitForEnd(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

const KILL_TIMEOUT_MS = 10_000;
