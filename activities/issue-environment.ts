import { attemptFolder } from '../src/agents/attempt-folder.js';
import type { AttemptRequest } from '../src/contract/activities.js';

/** What hooks and the gate see besides the common environment; agents see this and more. */
export function issueEnvironment(request: AttemptRequest, workspace: string): Record<string, string> {
  return {
    GARLAND_ISSUE_ID: request.issueId,
    GARLAND_ISSUE_TITLE: request.issueTitle,
    GARLAND_ATTEMPT: String(request.attempt),
    GARLAND_RUN_ID: request.run.runId,
    GARLAND_WORKSPACE: workspace,
  };
}

export function folderOf(projectDir: string, request: AttemptRequest): string {
  const { run, issueId, attempt, resumption } = request;
  return attemptFolder(projectDir, run.runId, issueId, attempt, resumption);
}
