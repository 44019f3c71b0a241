import type { Withdrawal } from '../src/contract/activities.js';
import type { Claim, Issue } from '../src/trackers/tracker.js';

/**
 * Which of the issues that agents work on were taken away: gone, closed, set to another state, or claimed by somebody else.
 * `issues` is a whole listing: one that could not be read in full is an error, and never looks like an issue that is gone.
 */
export function findWithdrawn(issues: Issue[], watched: string[], claim: Claim): Withdrawal[] {
  const wanted = new Set(watched);
  const byId = new Map(issues.filter(({ id }) => wanted.has(id)).map((issue) => [issue.id, issue]));
  return watched.flatMap((id) => {
    const reason = whyWithdrawn(byId.get(id), claim);
    return reason === undefined ? [] : [{ id, reason }];
  });
}

function whyWithdrawn(issue: Issue | undefined, claim: Claim): string | undefined {
  if (issue === undefined) return 'it is gone from the tracker';
  if (issue.status !== 'in_progress') return `somebody set it to ${issue.status}`;
  if (issue.claimedBy !== undefined && issue.claimedBy !== claim.key) return 'another run claimed it';
  if (issue.assignee !== undefined && issue.claimedBy === undefined && issue.assignee !== claim.name) {
    return `${issue.assignee} took it over`;
  }
  return undefined;
}
