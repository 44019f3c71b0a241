import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { attemptFolder } from '../src/agents/attempt-folder.js';
import type { RunRef } from '../src/contract/activities.js';
import { hasCode } from '../src/processes/create-once.js';
import { epicsToClose } from '../src/trackers/close-epics.js';
import type { Claim, Issue } from '../src/trackers/tracker.js';
import { readLandingRecord } from '../src/workspaces/landing-record.js';
import { claimOf } from './claim-issue.js';
import type { Project } from './projects.js';

/**
 * A project has one run at a time, so a claim of an earlier run is nobody's: its server was wiped, or it was terminated. What
 * had landed is closed and not run again; the rest goes back to open, unless `keep` (wip_first takes it as it is).
 * Returns a line for each.
 */
export async function recoverClaims(project: Project, run: RunRef, { keep }: { keep: boolean }): Promise<string[]> {
  const ours = claimOf(run);
  const { issues } = await project.tracker.list();
  const lines: string[] = [];
  for (const issue of issues.filter((candidate) => isDeadClaim(candidate, ours))) {
    const claim = { key: issue.claimedBy ?? '', name: ours.name };
    const commit = await findLandedCommit(project, issue, claim.key);
    if (commit !== undefined) lines.push(await closeLanded(project, issue, claim, commit));
    else if (!keep) lines.push(await giveBack(project, issue, claim));
  }
  return lines;
}

function isDeadClaim(issue: Issue, ours: Claim): boolean {
  return (
    issue.status === 'in_progress' &&
    issue.claimedBy !== undefined &&
    issue.claimedBy !== ours.key &&
    issue.assignee === ours.name
  );
}

/** The commit that an attempt of that run brought onto the integration branch, if it is there. */
async function findLandedCommit(
  { dir, workspaces }: Project,
  issue: Issue,
  runId: string,
): Promise<string | undefined> {
  const work = { issueId: issue.id, issueTitle: issue.title };
  const attempts = dirname(attemptFolder(dir, runId, issue.id, 1));
  for (const attempt of await listNames(attempts)) {
    const commit = (await readLandingRecord(join(attempts, attempt)))?.swap?.to;
    if (commit !== undefined && (await workspaces.holds(work, commit))) return commit;
  }
  return undefined;
}

async function closeLanded({ tracker, config }: Project, issue: Issue, claim: Claim, commit: string): Promise<string> {
  await tracker.close(issue.id, claim, `landed as ${commit.slice(0, 12)} by an earlier run`);
  if (config.tracker.close_epics) {
    const { issues } = await tracker.list();
    for (const epic of epicsToClose(issues, issue.id)) await tracker.close(epic, claim, 'all its children are closed');
  }
  return `${issue.id} had landed in an earlier run that could not close it: closed now`;
}

async function giveBack({ tracker }: Project, issue: Issue, claim: Claim): Promise<string> {
  await tracker.release(issue.id, claim);
  return `${issue.id} was claimed by an earlier run that is gone: back to open`;
}

async function listNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
