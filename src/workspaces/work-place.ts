import type { IssuePlace } from './issue-place.js';
import type { OwnPaths } from './own-paths.js';
import type { Repository } from './repository.js';
import type { WorktreeEntry } from './worktree-entry.js';

/** An issue's worktree as verifying and landing see it. */
export interface WorkPlace extends IssuePlace {
  repository: Repository;
  ownPaths: OwnPaths;
  entry: WorktreeEntry;
  issueId: string;
  issueTitle: string;
  /** land.into */
  integration: string;
  /** The commit of git.base, when it can be told. */
  base?: string;
}
