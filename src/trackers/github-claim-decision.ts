import type { ClaimLog, ClaimRecord } from './github-claims.js';
import { isTakenOver, statusOf } from './github-issue.js';
import { assigneesOf, idOf, labelsOf, type IssueRow } from './github-rows.js';
import type { GitHubSettings } from './github-settings.js';
import { hasLabel } from './labels.js';
import { IN_PROGRESS, type States } from './states.js';
import type { Claim } from './tracker.js';

export interface ClaimSituation {
  row: IssueRow;
  blockers: IssueRow[];
  log: ClaimLog;
  /** GitHub's clock, in milliseconds since 1970. */
  now: number;
}

export interface Claimer {
  claim: Claim;
  place: string;
  repository: string;
  settings: GitHubSettings;
  states: States;
  allowInProgress: boolean;
}

/** held: this run has it already. */
export type ClaimDecision =
  | { kind: 'take' }
  | { kind: 'held'; record: ClaimRecord }
  | { kind: 'refuse'; reason: string };

/**
 * A claim without its label is one that is being made, or one whose label a person took away. The first takes less than half of
 * this (see github-changes.ts), so that after it the second is sure.
 */
export const VOID_AFTER_MS = 600_000;

export function decideClaim({ row, blockers, log, now }: ClaimSituation, claimer: Claimer): ClaimDecision {
  const { repository, settings, states, allowInProgress } = claimer;
  const status = statusOf(row, settings);
  const id = idOf(row, repository);
  const isVoid = log.holder !== undefined && !isMarked(row, settings) && now - log.holder.at > VOID_AFTER_MS;
  const record = isVoid ? undefined : log.holder;
  const holder = nameHolder(record, claimer);
  if (states.isTerminal({ status })) return refuse(`${id} is ${status}`);
  if (record !== undefined && holder !== 'somebody else' && isTakenOver(row, record)) {
    return refuse(`${id} is claimed by ${assigneesOf(row).join(', ')}`);
  }
  if (record !== undefined && holder === 'this run' && status === IN_PROGRESS) return { kind: 'held', record };
  const open = blockers.filter(({ state }) => state === 'open').map((blocker) => idOf(blocker, repository));
  if (open.length > 0) return refuse(`${id} waits for ${open.join(', ')}`);
  if (record !== undefined && holder === 'somebody else') {
    return refuse(`${id} is in progress, claimed by ${record.name} on ${record.host}`);
  }
  const assignees = assigneesOf(row);
  if (status === IN_PROGRESS && holder === 'nobody' && assignees.length > 0) {
    return refuse(`${id} is in progress, claimed by ${assignees.join(', ')}`);
  }
  const mayTake =
    states.isActive({ status }) || (status === IN_PROGRESS && (allowInProgress || holder === 'a run before'));
  if (!mayTake) return refuse(`${id} is ${status}`);
  // A claim of this run's own without its label is made anew: its time may be over before the label is there.
  return { kind: 'take' };
}

const refuse = (reason: string): ClaimDecision => ({ kind: 'refuse', reason });

export function isMarked(row: IssueRow, { states }: GitHubSettings): boolean {
  return hasLabel(labelsOf(row), states.in_progress);
}

/** A project has one run at a time, so a claim of its other runs here is left from one that died. */
function nameHolder(
  record: ClaimRecord | undefined,
  { claim, place }: Claimer,
): 'nobody' | 'this run' | 'a run before' | 'somebody else' {
  if (record === undefined) return 'nobody';
  if (record.key === claim.key) return 'this run';
  return record.name === claim.name && record.place === place ? 'a run before' : 'somebody else';
}
