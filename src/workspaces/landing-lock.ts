import { join } from 'node:path';
import { withFileLock } from '../files/file-lock.js';
import { garlandDir } from '../files/user-dirs.js';

/** As long as a timer goes, 24 days: who is before us may run a long gate, and a dead holder loses the lock anyway. */
const TIMEOUT_MS = 2_147_483_647;

/** Whoever moves the integration branch holds this, so that landings queue and don't overtake each other for ever. */
export function withLandingLock<T>(projectDir: string, act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  garlandDir(projectDir);
  return withFileLock(landingLockOf(projectDir), act, { timeoutMs: TIMEOUT_MS, signal });
}

export const landingLockOf = (projectDir: string): string => join(projectDir, '.garland', 'locks', 'landing.lock');
