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
