import type { Draft } from './beads-document.js';
import type { BeadsIssue } from './beads-issue.js';
import { hasLabel, isMark } from './labels.js';
import { IN_PROGRESS, isDeleted, type States } from './states.js';
import { type Claim, type ClaimResult, type Issue, type WriteResult } from './tracker.js';

/** Where a change looks and writes: a draft of the file, or what a program has told of its database. */
export type Editable = Pick<Draft, 'find' | 'edit'>;

/** What a change needs to know besides the issue. */
export interface ChangeContext {
  states: States;
  /** RFC 3339. */
  at: string;
}

export function claimIssue(
  draft: Editable,
  id: string,
  claim: Claim,
  allowInProgress: boolean,
  { states, at }: ChangeContext,
): ClaimResult {
  const found = draft.find(id);
  if (!found) return refuse(`${id} is not in the tracker`);
  const { issue } = found;
  const holder = findHolder(found, claim);
  const isInProgress = states.isInProgress(issue);
  if (states.isTerminal(issue)) return refuse(`${id} is ${issue.status}`);
  if (isInProgress && holder === 'this run') return { claimed: true, issue };
  const blockers = states.openBlockers(issue, (blocker) => draft.find(blocker)?.issue);
  if (blockers.length > 0) return refuse(`${id} waits for ${blockers.map((blocker) => blocker.id).join(', ')}`);
  if (isInProgress && holder === 'somebody else') {
    return refuse(`${id} is in progress, claimed by ${issue.assignee || found.claimName || issue.claimedBy}`);
  }
  // A project has one run at a time, so a claim of its other runs is left from one that died.
  const mayTake = states.isActive(issue) || (isInProgress && (allowInProgress || holder === 'a run before'));
  if (!mayTake) return refuse(`${id} is ${issue.status}`);
  const changes = {
    status: IN_PROGRESS,
    assignee: issue.assignee || claim.name,
    updated_at: at,
    garland_claim: { key: claim.key, name: claim.name, at },
  };
  return { claimed: true, issue: draft.edit(id, changes).issue };
}

const refuse = (reason: string): ClaimResult => ({ claimed: false, reason });

type IssueHolder = 'nobody' | 'this run' | 'a run before' | 'somebody else';

function findHolder({ issue, claimName }: BeadsIssue, claim: Claim): IssueHolder {
  if (issue.claimedBy === claim.key) return 'this run';
  const name = issue.claimedBy === undefined ? issue.assignee : (claimName ?? issue.assignee);
  if (name === claim.name) return 'a run before';
  return issue.claimedBy === undefined && !name ? 'nobody' : 'somebody else';
}

export function releaseIssue(
  draft: Editable,
  id: string,
  claim: Claim,
  mark: { label: string; note: string } | undefined,
  { states, at }: ChangeContext,
): WriteResult {
  const found = draft.find(id);
  if (!found || isDeleted(found.issue)) return 'gone';
  const { issue } = found;
  if (states.isTerminal(issue) || !mayRelease(found, claim, states)) return 'already';
  const changes = {
    ...(states.isInProgress(issue) && { status: states.open }),
    ...(issue.assignee === claim.name && { assignee: undefined }),
    ...(issue.claimedBy !== undefined && { garland_claim: undefined }),
    ...(mark && !hasLabel(issue.labels, mark.label) && { labels: [...withoutMarks(issue), mark.label] }),
    ...(mark && !hasParagraph(issue.notes, mark.note) && { notes: addParagraph(issue.notes, mark.note) }),
  };
  if (Object.keys(changes).length === 0) return 'already';
  draft.edit(id, { ...changes, updated_at: at });
  return 'done';
}

function mayRelease(found: BeadsIssue, claim: Claim, states: States): boolean {
  if (found.issue.claimedBy !== undefined) return found.issue.claimedBy === claim.key;
  // Without a claim of garland's: somebody's own work, unless the claim alone was edited away.
  return !states.isInProgress(found.issue) || found.issue.assignee === claim.name;
}

function hasParagraph(notes: string | undefined, note: string): boolean {
  return `\n\n${notes ?? ''}\n\n`.includes(`\n\n${note}\n\n`);
}

const addParagraph = (notes: string | undefined, note: string): string => (notes ? `${notes}\n\n${note}` : note);

export function closeIssue(draft: Editable, id: string, reason: string, { states, at }: ChangeContext): WriteResult {
  const issue = draft.find(id)?.issue;
  if (!issue || isDeleted(issue)) return 'gone';
  const unmarked = issue.labels.some(isMark) && { labels: withoutMarks(issue) };
  if (states.isTerminal(issue)) {
    if (unmarked) draft.edit(id, { ...unmarked, updated_at: at });
    return 'already';
  }
  draft.edit(id, {
    status: states.closed,
    updated_at: at,
    closed_at: at,
    close_reason: reason,
    garland_claim: undefined,
    ...unmarked,
  });
  return 'done';
}

const withoutMarks = ({ labels }: Issue): string[] => labels.filter((label) => !isMark(label));
