import { hasLabel } from '../trackers/labels.js';
import { compileStates, isDeleted } from '../trackers/states.js';
import { IN_REVIEW, NEEDS_FOLLOWUP, type Claim, type Issue } from '../trackers/tracker.js';
import { settleIssue, type SettleContext } from './settle-issue.js';

/**
 * Issues whose work waits at the remote: closed once it is merged, set aside when it was declined. What GitHub, or a person, has closed
 * before garland looked is settled all the same: its epics, its label, its branch. Returns what was done, and what could not be found
 * out, one line each; that is tried again the next time.
 */
export async function settleReviews(context: SettleContext, issues: Issue[], claim: Claim): Promise<string[]> {
  if (context.reviews === undefined) return [];
  const { active_states: activeStates, terminal_states: terminalStates } = context.config.tracker;
  const states = compileStates({ activeStates, terminalStates });
  const lines: string[] = [];
  for (const issue of issues) {
    if (!hasLabel(issue.labels, IN_REVIEW) || isDeleted(issue) || states.isInProgress(issue)) continue;
    lines.push(...(await settleReview(context, issue, claim, states.isTerminal(issue))));
  }
  return lines;
}

async function settleReview(context: SettleContext, issue: Issue, claim: Claim, isClosed: boolean): Promise<string[]> {
  const { tracker, workspaces, reviews } = context;
  const { id: issueId, title: issueTitle } = issue;
  try {
    const review = await reviews?.stateOf(issueId);
    const where = review?.url === undefined ? '' : ` ${review.url}`;
    switch (review?.state) {
      case 'merged': {
        const settlement = { kind: 'close', outcome: 'succeeded', reason: `merged${where}` } as const;
        const { notes } = await settleIssue(context, { issueId, issueTitle, claim, settlement });
        await workspaces.remote?.forget(issueId);
        return [[`${issueId} is closed: it was merged${where}`, ...notes].join('; ')];
      }
      case 'declined': {
        if (isClosed) return await unmark(context, issue, claim);
        const note = `garland: not accepted: the pull request${where} was closed without being merged`;
        await tracker.release(issueId, claim, { label: NEEDS_FOLLOWUP, note });
        return [`${issueId} is set aside: the pull request${where} was closed without being merged`];
      }
      case 'waits':
        // A pull request may still be merged; without one whoever closed the issue has had the last word.
        return isClosed && review.url === undefined ? await unmark(context, issue, claim) : [];
      case undefined:
        return [];
    }
  } catch (error) {
    return [
      `whether ${issueId} was merged can't be found out: ${error instanceof Error ? error.message : String(error)}`,
    ];
  }
}

/** Somebody has closed it, merged or not: its epics and its branch are theirs. */
async function unmark({ tracker }: SettleContext, { id }: Issue, claim: Claim): Promise<string[]> {
  await tracker.close(id, claim, 'closed by hand');
  return [`${id} is closed, though its work isn't known to be merged: it isn't marked ${IN_REVIEW} any more`];
}
