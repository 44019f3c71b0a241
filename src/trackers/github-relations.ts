import type { GitHub } from '../github/client.js';
import { GitHubError } from '../github/github-error.js';
import { createGitHubList } from './github-pages.js';
import { issueRow, type IssueRow } from './github-rows.js';

/** Links between issues. They have no place in the listing, so they are read for issues that have some, when those change. */
export interface GitHubRelations {
  /** What blocks it, here and in other repositories. */
  blockersOf(row: IssueRow): Promise<IssueRow[]>;
  /** Its sub-issues. */
  childrenOf(row: IssueRow): Promise<IssueRow[]>;
}

const ISSUE = '/repos/{owner}/{repo}/issues/{issue_number}';

/** That a link's change changes the issue, too, isn't promised: those of open issues are looked at again after this long. */
const LOOK_AGAIN_MS = 600_000;

export function createGitHubRelations(github: GitHub, now: () => number = Date.now): GitHubRelations {
  const lists = {
    blockers: createGitHubList(github, issueRow, `GET ${ISSUE}/dependencies/blocked_by`),
    children: createGitHubList(github, issueRow, `GET ${ISSUE}/sub_issues`),
  };
  const known = new Map<string, { version: string; at: number; rows: Promise<IssueRow[]> }>();

  function read(kind: keyof typeof lists, row: IssueRow, count: number, summary: unknown): Promise<IssueRow[]> {
    if (count === 0) return Promise.resolve([]);
    const key = `${kind} ${row.number}`;
    const version = JSON.stringify([row.updated_at, summary]);
    const last = known.get(key);
    if (last?.version === version && (row.state !== 'open' || now() - last.at < LOOK_AGAIN_MS)) return last.rows;
    const rows = lists[kind]({ issue_number: row.number }).catch(noneOfGone);
    known.set(key, { version, at: now(), rows });
    rows.catch(() => known.delete(key));
    return rows;
  }

  return {
    blockersOf: (row) =>
      read('blockers', row, row.issue_dependencies_summary?.total_blocked_by ?? 0, row.issue_dependencies_summary),
    childrenOf: (row) => read('children', row, row.sub_issues_summary?.total ?? 0, row.sub_issues_summary),
  };
}

/** It was deleted or transferred since it was listed; the next listing lacks it. */
function noneOfGone(error: unknown): IssueRow[] {
  if (isGone(error)) return [];
  throw error;
}

/** An issue that was deleted, transferred, or never was. */
export const isGone = (error: unknown): boolean =>
  error instanceof GitHubError && [301, 404, 410].includes(error.status ?? 0);
