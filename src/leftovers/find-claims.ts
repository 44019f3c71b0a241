import { listNames } from '../files/list-names.js';
import { dirname, join } from 'node:path';
import { attemptFolder } from '../agents/attempt-folder.js';
import { settleIssue } from '../settlement/settle-issue.js';
import type { Claim, Issue } from '../trackers/tracker.js';
import { readLandingRecord } from '../workspaces/landing-record.js';
import { howToClose } from './how-to-close.js';
import type { Findings, Leftover } from './leftover.js';
import { askState, type KnownRun } from './list-runs.js';

/**
 * Claims of this project's runs that are gone: the server was wiped, or the run was terminated. What had landed is closed and not
 * run again; the rest goes back to open, unless claims are kept.
 */
export async function findClaims(findings: Findings): Promise<Leftover[]> {
  const found: Leftover[] = [];
  const name = `garland/${findings.project}`;
  // Settled by what their run has written down.
  const known = new Set(findings.unwritten.map(({ issueId, runId }) => `${runId} ${issueId}`));
  const runs = new Map(findings.runs.map((run) => [run.runId, run.state]));
  for (const issue of findings.issues.filter(({ status }) => status === 'in_progress')) {
    const { claimedBy: key, assignee } = issue;
    if (key === undefined || known.has(`${key} ${issue.id}`)) continue;
    // Who was assigned before stays so; other projects' runs have their records elsewhere.
    if (assignee !== name && !runs.has(key)) continue;
    const state = runs.get(key) ?? (await askState(findings, findings.project, key));
    found.push(...(await judge(findings, issue, { key, name }, state)));
  }
  return found;
}

async function judge(findings: Findings, issue: Issue, claim: Claim, state: KnownRun['state']): Promise<Leftover[]> {
  const found = { kind: 'claim' as const, what: issue.id, why: `the run that claimed it, ${claim.key}, is gone` };
  if (state === 'open') return [];
  if (state === 'unknown') {
    const why = `whether the run that claimed it, ${claim.key}, goes on can't be told`;
    return [{ ...found, why, plan: 'keep', how: 'left alone; start the server, and it can be told' }];
  }
  const commit = await findLandedCommit(findings, issue, claim.key);
  if (commit !== undefined) {
    const how = `${howToClose(findings)}: its work had landed`;
    return [{ ...found, plan: 'clean', how, clean: () => closeLanded(findings, issue, claim, commit) }];
  }
  if (findings.keepsClaims) return [];
  return [{ ...found, plan: 'clean', how: 'goes back to open', clean: () => giveBack(findings, issue, claim) }];
}

/** The commit that an attempt of that run brought onto the integration branch or pushed, if it is there. */
async function findLandedCommit(
  { dir, workspaces }: Findings,
  issue: Issue,
  runId: string,
): Promise<string | undefined> {
  const work = { issueId: issue.id, issueTitle: issue.title };
  const attempts = dirname(attemptFolder(dir, runId, issue.id, 1));
  for (const attempt of await listNames(attempts)) {
    const record = await readLandingRecord(join(attempts, attempt));
    const commit = record?.swap?.to ?? record?.push?.to;
    if (commit !== undefined && (await workspaces.holds(work, commit))) return commit;
  }
  return undefined;
}

async function closeLanded(findings: Findings, issue: Issue, claim: Claim, commit: string): Promise<string[]> {
  const reason = `landed as ${commit.slice(0, 12)} by an earlier run`;
  const settlement = { kind: 'close', outcome: 'succeeded', reason, commit } as const;
  const { notes } = await settleIssue(findings, { issueId: issue.id, issueTitle: issue.title, claim, settlement });
  return [[`${issue.id} had landed in an earlier run that could not say so: settled now`, ...notes].join('; ')];
}

async function giveBack({ tracker }: Findings, issue: Issue, claim: Claim): Promise<string[]> {
  await tracker.release(issue.id, claim);
  return [`${issue.id} was claimed by an earlier run that is gone: back to open`];
}
