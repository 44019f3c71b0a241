import { join } from 'node:path';
import { safeName } from '../workspaces/names.js';

/** Where a project's runs keep their records. */
export function runsFolder(projectDir: string): string {
  return join(projectDir, '.garland', 'runs');
}

/** The record and the raw output of one attempt. `runId` is the first run ID of the run's chain. */
export function attemptFolder(projectDir: string, runId: string, issueId: string, attempt: number): string {
  return join(runsFolder(projectDir), safeName(runId), safeName(issueId), String(attempt));
}

export function promptFileOf(folder: string): string {
  return join(folder, 'prompt.md');
}
