import { join, resolve } from 'node:path';
import { resolvePath } from '../config/resolve-path.js';
import { garlandDir } from '../files/user-dirs.js';
import { safeName } from './names.js';
import { issueBranchOf, progressRefOf } from './refs.js';

/** Where an issue's worktree and garland's notes about it are. All paths are absolute. */
export interface IssuePlace {
  branch: string;
  /** The worktree. */
  folder: string;
  /** The project's folder in it: where agents, hooks and the gate run. */
  path: string;
  /** The ref that keeps its uncommitted work. */
  progressRef: string;
  recordFile: string;
  lockFile: string;
}

/** Touches nothing. `prefix` is the way from the repository's top to the project's folder. */
export function placePath(projectDir: string, root: string, prefix: string, issueId: string): string {
  return resolve(resolvePath(projectDir, root), safeName(issueId), prefix);
}

/** @throws UserError when `.garland` can't be made */
export function placeOf(projectDir: string, root: string, prefix: string, issueId: string): IssuePlace {
  const name = safeName(issueId);
  const own = garlandDir(projectDir);
  return {
    branch: issueBranchOf(issueId),
    folder: placePath(projectDir, root, '', issueId),
    path: placePath(projectDir, root, prefix, issueId),
    progressRef: progressRefOf(issueId),
    recordFile: join(own, 'workspace-records', `${name}.json`),
    lockFile: join(own, 'locks', `workspace-${name}.lock`),
  };
}
