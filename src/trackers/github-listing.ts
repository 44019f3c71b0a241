import type { GitHub } from '../github/client.js';
import { GitHubError } from '../github/github-error.js';
import type { ClaimRecord, GitHubClaims } from './github-claims.js';
import type { GitHubComments } from './github-comments.js';
import { priorityOf, statusOf, toEpic, toIssue, type IssueContext } from './github-issue.js';
import { createGitHubList } from './github-pages.js';
import type { GitHubRelations } from './github-relations.js';
import { idOf, issueRow, milestoneRow, type IssueRow } from './github-rows.js';
import { describeLinks, limitLines } from './link-warnings.js';
import { IN_PROGRESS, type States } from './states.js';
import type { Issue, Listing } from './tracker.js';

export interface GitHubParts extends Pick<IssueContext, 'settings' | 'isOwn'> {
  github: GitHub;
  claims: GitHubClaims;
  comments: GitHubComments;
  relations: GitHubRelations;
  states: States;
}

/** Reads the whole repository, whenever it is called. */
export function createGitHubListing(parts: GitHubParts): () => Promise<Listing> {
  const readIssues = createStableReader(parts.github);
  const listMilestones = createGitHubList(parts.github, milestoneRow, 'GET /repos/{owner}/{repo}/milestones');
  return async () => {
    const rows = await readIssues();
    const epics = parts.settings.epics === 'milestones' ? await listMilestones({ state: 'all' }) : [];
    return completeListing(parts, rows, epics.map(toEpic));
  };
}

/** All issues of the repository, closed ones too, oldest first; and below them what blocks them elsewhere, and milestones that are epics. */
async function completeListing(parts: GitHubParts, rows: IssueRow[], epics: Issue[]): Promise<Listing> {
  const { github, relations, claims, settings, states } = parts;
  const [blockers, children, logs] = await Promise.all([
    Promise.all(rows.map((row) => relations.blockersOf(row))),
    Promise.all(rows.map((row) => relations.childrenOf(row))),
    claims.list(),
  ]);
  const parents = indexParents(rows, children, github.repository);
  const issues = await Promise.all(
    rows.map(async (row, index) => {
      const recent = claims.findRecent(row.number);
      const isHeld = recent !== undefined || isInProgress(row, parts);
      const holder = isHeld ? ((await claims.read(logs.get(row.number))).holder ?? recent) : undefined;
      const links = { parents: parents.get(String(row.number)) ?? [], blockers: blockers[index] ?? [] };
      return completeIssue(parts, row, { ...links, holder });
    }),
  );
  const all = [...issues, ...listElsewhere(blockers.flat(), parts), ...epics];
  const byId = new Map(all.map((issue) => [issue.id, issue]));
  const unreadable = rows
    .filter((row) => row.state === 'open')
    .flatMap((row) => {
      const { unreadable: label } = priorityOf(row, settings);
      return label === undefined ? [] : [`the label ${label} of ${row.number} is no priority; it counts as 0`];
    });
  return { issues: all, warnings: [...limitLines(unreadable), ...describeLinks(all, (id) => byId.get(id), states)] };
}

/** With what the row alone doesn't say. Notes are an agent's, so they are read for issues that are worked on. */
export async function completeIssue(
  parts: GitHubParts,
  row: IssueRow,
  { parents, blockers, holder }: { parents: string[]; blockers: IssueRow[]; holder: ClaimRecord | undefined },
): Promise<Issue> {
  const { comments, settings, isOwn } = parts;
  const { repository } = parts.github;
  const notes = isInProgress(row, parts) && row.comments > 0 ? await comments.readNotes(row.number) : undefined;
  const isRecent = parts.claims.findRecent(row.number) !== undefined;
  const ids = blockers.map((blocker) => idOf(blocker, repository));
  return toIssue(row, { repository, settings, parents, blockers: ids, claim: holder, isOwn, notes, isRecent });
}

const isInProgress = (row: IssueRow, { settings }: GitHubParts): boolean => statusOf(row, settings) === IN_PROGRESS;

const MOST_PASSES = 6;

/**
 * While pages are read one after the other, a deleted issue moves those after it to earlier places, and one could slip through.
 * So they are read until the numbers are the same as the time before; issues that were added at the end move nothing.
 */
function createStableReader(github: GitHub): () => Promise<IssueRow[]> {
  const list = createGitHubList(github, issueRow, 'GET /repos/{owner}/{repo}/issues');
  let last: IssueRow[] | undefined;
  return async () => {
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      const rows = await list({ state: 'all', sort: 'created', direction: 'asc' });
      const isStable = last?.every(({ number }, index) => rows[index]?.number === number);
      last = rows;
      if (isStable) return rows.filter(({ pull_request: pull }) => pull === undefined || pull === null);
    }
    const text = `${github.repository}: its issues change faster than they can be read; try again`;
    throw new GitHubError(text, undefined, false);
  };
}

function indexParents(rows: IssueRow[], children: IssueRow[][], repository: string): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  for (const [index, row] of rows.entries()) {
    for (const child of children[index] ?? []) {
      const id = idOf(child, repository);
      parents.set(id, [...(parents.get(id) ?? []), String(row.number)]);
    }
  }
  return parents;
}

/** Issues of other repositories are waited for; their state is all that is asked of them. */
function listElsewhere(blockers: IssueRow[], { github }: GitHubParts): Issue[] {
  const rows = new Map(blockers.map((row) => [idOf(row, github.repository), row]));
  return [...rows]
    .filter(([id]) => id.includes('#'))
    .map(([id, row]) => ({
      id,
      title: row.title,
      status: row.state === 'open' ? 'elsewhere' : 'closed',
      type: 'task',
      priority: 0,
      labels: [],
      parents: [],
      blockers: [],
      url: row.html_url ?? undefined,
    }));
}
