import type { IssuePlace } from './issue-place.js';
import type { OwnPaths } from './own-paths.js';
import type { Repository } from './repository.js';
import type { WorktreeEntry } from './worktree-entry.js';

/** Where the work of an issue goes, whether or not its worktree is there. */
export interface LandingPlace extends IssuePlace {
  repository: Repository;
  issueId: string;
  issueTitle: string;
  /** land.into */
  integration: string;
}

/** An issue's worktree as verifying and landing see it. */
export interface WorkPlace extends LandingPlace {
  ownPaths: OwnPaths;
  entry: WorktreeEntry;
  /** The commit of git.base, when it can be told. */
  base?: string;
}
