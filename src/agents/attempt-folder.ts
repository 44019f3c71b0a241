import { join } from 'node:path';
import { safeName } from '../workspaces/names.js';

/** Where a project's runs keep their records. */
export function runsFolder(projectDir: string): string {
  return join(projectDir, '.garland', 'runs');
}

/** `runId` is the first run ID of the run's chain. */
export function runFolder(projectDir: string, runId: string): string {
  return join(runsFolder(projectDir), safeName(runId));
}

/**
 * The record and the raw output of one attempt. An attempt that is begun anew after a usage limit has a folder for each `resumption`,
 * because a folder holds one process.
 */
export function attemptFolder(
  projectDir: string,
  runId: string,
  issueId: string,
  attempt: number,
  resumption = 0,
): string {
  const name = resumption === 0 ? String(attempt) : `${attempt}-${resumption}`;
  return join(runFolder(projectDir, runId), safeName(issueId), name);
}

export function promptFileOf(folder: string): string {
  return join(folder, 'prompt.md');
}
