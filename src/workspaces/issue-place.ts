import { join, resolve } from 'node:path';
import { resolvePath } from '../config/resolve-path.js';
import { garlandDir } from '../files/user-dirs.js';
import { safeName } from './names.js';
import { ISSUE_BRANCHES, PROGRESS_REFS } from './refs.js';

/** Where an issue's worktree and garland's notes about it are. All paths are absolute. */
export interface IssuePlace {
  branch: string;
  /** The worktree. */
  folder: string;
  /** The project's folder in it: where agents, hooks and the gate run. */
  path: string;
  /** The ref that keeps its uncommitted work. */
  progressRef: string;
  /** What of it was pushed last, with workspace.wip_push. */
  progressPushedRef: string;
  /** land.strategy pr: what was pushed and read back; what is being pushed; what others added at the remote. */
  pushedRef: string;
  pushingRef: string;
  reviewRef: string;
  recordFile: string;
  lockFile: string;
}

/** Touches nothing. `prefix` is the way from the repository's top to the project's folder. */
export function placePath(projectDir: string, root: string, prefix: string, issueId: string): string {
  return resolve(resolvePath(projectDir, root), safeName(issueId), prefix);
}

/**
 * @param name the issue's, as `safeName` makes it
 * @throws UserError when `.garland` can't be made
 */
export function placeOf(projectDir: string, root: string, prefix: string, name: string): IssuePlace {
  const own = garlandDir(projectDir);
  const folder = resolve(resolvePath(projectDir, root), name);
  return {
    branch: ISSUE_BRANCHES + name,
    folder,
    path: resolve(folder, prefix),
    progressRef: PROGRESS_REFS + name,
    progressPushedRef: `refs/garland/wip-pushed/${name}`,
    pushedRef: `refs/garland/pushed/${name}`,
    pushingRef: `refs/garland/pushing/${name}`,
    reviewRef: `refs/garland/review/${name}`,
    recordFile: join(own, 'workspace-records', `${name}.json`),
    lockFile: join(own, 'locks', `workspace-${name}.lock`),
  };
}
