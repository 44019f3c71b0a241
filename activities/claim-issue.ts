import type { Activities, ClaimAnswer, RunRef } from '../src/contract/activities.js';
import type { Claim } from '../src/trackers/tracker.js';
import type { Projects } from './projects.js';

/** Marks the issue in progress for this run. Claiming again in the same run succeeds. */
export function createClaimIssue(projects: Projects): Activities['claimIssue'] {
  return async function claimIssue({ run, issueId, allowInProgress }): Promise<ClaimAnswer> {
    const { tracker, workspaces } = await projects.open(run);
    const answer = await tracker.claim(issueId, claimOf(run), { allowInProgress });
    if (!answer.claimed) return answer;
    return { claimed: true, title: answer.issue.title.slice(0, 200), workspace: workspaces.path(issueId) };
  };
}

/** The run is what holds a claim; people see the project's name. */
export function claimOf(run: RunRef): Claim {
  return { key: run.runId, name: `garland/${run.project}` };
}
