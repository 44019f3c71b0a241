import { withFileLock } from '../files/file-lock.js';
import type { WorkspaceContext } from './workspace-context.js';

/** As long as a timer goes, 24 days: whoever holds it may run a long gate, and a dead holder loses it anyway. */
const TIMEOUT_MS = 2_147_483_647;

/**
 * Whoever makes, verifies or removes a workspace holds this: a retry of the same step may come while the first try still
 * runs in another process. Taken before the landing lock, never after it.
 */
export function withWorkspaceLock<T>(
  { place }: WorkspaceContext,
  act: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return withFileLock(place.lockFile, act, { timeoutMs: TIMEOUT_MS, signal });
}
