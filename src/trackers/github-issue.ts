import { assigneesOf, idOf, labelsOf, type IssueRow, type MilestoneRow } from './github-rows.js';
import type { ClaimRecord } from './github-claims.js';
import type { GitHubSettings } from './github-settings.js';
import { hasLabel, isSameLabel } from './labels.js';
import { readPriority } from './priority.js';
import { IN_PROGRESS } from './states.js';
import type { Issue } from './tracker.js';

/** What a row of the listing doesn't say by itself. */
export interface IssueContext {
  repository: string;
  settings: GitHubSettings;
  /** Ids over sub-issues. */
  parents: string[];
  /** Ids. */
  blockers: string[];
  /** Of the run that has it, if any. */
  claim?: ClaimRecord;
  /** Whether a claim is of this project in this place: another machine's isn't, though its name is the same. */
  isOwn: (claim: ClaimRecord) => boolean;
  notes?: string;
  /** Claimed a moment ago: its label may not be there for readers yet. */
  isRecent: boolean;
}

export function toIssue(row: IssueRow, context: IssueContext): Issue {
  const { repository, settings, parents, blockers, notes } = context;
  const shown = statusOf(row, settings);
  const status = shown === 'open' && context.isRecent ? IN_PROGRESS : shown;
  const milestone = settings.epics === 'milestones' && row.milestone ? [milestoneId(row.milestone.number)] : [];
  return {
    id: idOf(row, repository),
    title: row.title,
    status,
    type: typeOf(row, settings),
    priority: priorityOf(row, settings).priority,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    description: row.body ?? undefined,
    notes,
    labels: labelsOf(row),
    parents: [...parents, ...milestone],
    blockers,
    url: row.html_url ?? undefined,
    ...holderOf(row, status === IN_PROGRESS ? context.claim : undefined, context.isOwn),
  };
}

export function statusOf(row: IssueRow, { states }: GitHubSettings): string {
  if (row.state !== 'open') return 'closed';
  const labels = labelsOf(row);
  return Object.entries(states).find(([, label]) => hasLabel(labels, label))?.[0] ?? 'open';
}

/** A person who took it over, from the account that garland had put there, has it. */
function holderOf(
  row: IssueRow,
  claim: ClaimRecord | undefined,
  isOwn: IssueContext['isOwn'],
): Pick<Issue, 'assignee' | 'claimedBy'> {
  const assignees = assigneesOf(row);
  const others = assignees.filter((login) => login !== claim?.assigned);
  if (claim === undefined || isTakenOver(row, claim)) return { assignee: others[0], claimedBy: undefined };
  const name = isOwn(claim) ? claim.name : `${claim.name} on ${claim.host}`;
  return { assignee: others[0] ?? name, claimedBy: claim.key };
}

export function isTakenOver(row: IssueRow, { assigned }: ClaimRecord): boolean {
  const assignees = assigneesOf(row);
  return assigned !== undefined && assignees.length > 0 && !assignees.includes(assigned);
}

const TYPE_LABEL = /^(?:type|kind)\s*[:/]\s*(\S.*)$/i;
const TYPES: Record<string, string | undefined> = {
  bug: 'bug',
  feature: 'feature',
  enhancement: 'feature',
  chore: 'chore',
  epic: 'epic',
};

/** GitHub's own type, else a label `type: X`, else a label that is a type's name. */
function typeOf(row: IssueRow, { epics }: GitHubSettings): string {
  if (epics === 'parents' && (row.sub_issues_summary?.total ?? 0) > 0) return 'epic';
  if (row.type) return row.type.name.toLowerCase();
  const labels = labelsOf(row);
  const named = labels.map((label) => TYPE_LABEL.exec(label)?.[1]).find((type) => type !== undefined);
  const plain = labels.map((label) => TYPES[label.toLowerCase()]).find((type) => type !== undefined);
  return named?.trim().toLowerCase() ?? plain ?? 'task';
}

const PRIORITY_LABEL = /^(?:priority|prio)\s*[:/ ]\s*(\S.*)$/i;
const WORDS: Record<string, number | undefined> = { critical: 0, urgent: 0, high: 1, medium: 2, low: 3 };

/** The most urgent of its labels. `unreadable` is a label that looks like a priority and isn't one. */
export function priorityOf(row: IssueRow, { priorities }: GitHubSettings): { priority: number; unreadable?: string } {
  const found: number[] = [];
  let unreadable: string | undefined;
  for (const label of labelsOf(row)) {
    const configured = Object.entries(priorities).find(([name]) => isSameLabel(name, label));
    const word = PRIORITY_LABEL.exec(label)?.[1] ?? (/^p\d+$/i.test(label) ? label : undefined);
    if (configured) found.push(configured[1]);
    else if (word !== undefined) {
      const read = readPriority(WORDS[word.trim().toLowerCase()] ?? word);
      if (read.unreadable) unreadable ??= label;
      found.push(read.priority);
    }
  }
  return { priority: found.length === 0 ? 0 : Math.min(...found), unreadable };
}

export const milestoneId = (number: number): string => `milestone-${number}`;

export function readMilestoneId(id: string): number | undefined {
  const [, number] = /^milestone-(\d+)$/.exec(id) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** A milestone as an epic: its issues are its children. */
export function toEpic(row: MilestoneRow): Issue {
  return {
    id: milestoneId(row.number),
    title: row.title,
    status: row.state === 'open' ? 'open' : 'closed',
    type: 'epic',
    priority: 0,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    description: row.description ?? undefined,
    labels: [],
    parents: [],
    blockers: [],
    url: row.html_url,
  };
}
