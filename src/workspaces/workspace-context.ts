import type { Config } from '../config/schema.js';
import type { IssuePlace } from './issue-place.js';
import type { Repository } from './repository.js';
import type { CommandDeps } from './run-command.js';
import type { WorkRef } from './workspaces.js';

/** What the steps of a worktree workspace work with. */
export interface WorkspaceContext {
  repository: Repository;
  config: Config;
  deps: CommandDeps;
  place: IssuePlace;
  work: WorkRef;
}

/** What hooks and the gate see of the issue; `env` has the last word. */
export function describeWork(work: WorkRef, path: string, baseBranch: string, env: Record<string, string>) {
  return {
    GARLAND_ISSUE_ID: work.issueId,
    GARLAND_ISSUE_TITLE: work.issueTitle,
    GARLAND_WORKSPACE: path,
    GARLAND_BASE_BRANCH: baseBranch,
    ...env,
  };
}
