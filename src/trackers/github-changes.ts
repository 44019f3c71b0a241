import { GitHubError } from '../github/github-error.js';
import { decideClaim, isMarked, VOID_AFTER_MS } from './github-claim-decision.js';
import type { ClaimLog, ClaimRecord } from './github-claims.js';
import { readMilestoneId, statusOf } from './github-issue.js';
import { completeIssue, type GitHubParts } from './github-listing.js';
import { isGone } from './github-relations.js';
import { hasLabel, isSameLabel } from './labels.js';
import {
  anything,
  assigneesOf,
  idOf,
  issueRow,
  labelsOf,
  milestoneRow,
  userRow,
  type IssueRow,
} from './github-rows.js';
import type { Place } from './place.js';
import { IN_PROGRESS } from './states.js';
import { MARKS, type Claim, type ClaimResult, type Issue, type Tracker, type WriteResult } from './tracker.js';

const ISSUE = '/repos/{owner}/{repo}/issues/{issue_number}';
const MOST_TRIES = 10;
/** A claim that took longer to be shown doesn't count, see VOID_AFTER_MS. */
const LONGEST_CLAIM_MS = VOID_AFTER_MS / 2;

/**
 * Writes. Each looks first, and does its steps in an order in which a crash between any two leaves something that the same
 * call, made again, completes: the claim's log is the first thing that a claim writes, and the last that anything else does.
 */
export function createGitHubChanges(
  parts: GitHubParts,
  { place, host }: Place,
): Pick<Tracker, 'claim' | 'release' | 'close'> {
  const { github, claims, comments, relations, settings, states } = parts;
  let login: Promise<string | undefined> | undefined;

  /** Undefined when it was deleted or transferred, or is a pull request. */
  async function find(id: string): Promise<{ row: IssueRow; date: number } | undefined> {
    if (!/^[1-9]\d{0,15}$/.test(id)) return undefined;
    try {
      const { data: row, date } = await github.send(issueRow, `GET ${ISSUE}`, { issue_number: Number(id) });
      return row.pull_request === undefined || row.pull_request === null ? { row, date } : undefined;
    } catch (error) {
      if (!isGone(error)) throw error;
      // The repository itself may be what is gone.
      await github.send(anything, 'GET /repos/{owner}/{repo}');
      return undefined;
    }
  }

  async function claim(id: string, by: Claim, options: { allowInProgress: boolean }): Promise<ClaimResult> {
    const claimer = { claim: by, place, repository: github.repository, settings, states, ...options };
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const began = performance.now();
      // The log before the issue: when nobody has put anything onto it, nobody has claimed and closed the issue in between.
      const log = await claims.readOf(Number(id) || 0);
      const found = await find(id);
      if (!found) return { claimed: false, reason: `${id} is not in the tracker` };
      const { row, date: now } = found;
      const blockers = await relations.blockersOf(row);
      const decision = decideClaim({ row, blockers, log, now }, claimer);
      if (decision.kind === 'refuse') return { claimed: false, reason: decision.reason };
      if (decision.kind === 'held') return { claimed: true, issue: await show(row, decision.record) };
      const assigned = assigneesOf(row).length === 0 ? await findLogin() : undefined;
      const taken = await claims.claim(row.number, log, { ...by, place, host, assigned, at: now });
      // Whoever was faster may be this run itself, in a try whose answer was lost.
      if (!taken) continue;
      const issue = await show(row, taken);
      if (performance.now() - began <= LONGEST_CLAIM_MS) return { claimed: true, issue };
      const late = await claims.readOf(row.number);
      if (late.holder?.nonce === taken.nonce) await claims.release(row.number, late);
      throw new GitHubError(`${github.repository}: claiming ${id} took too long; it is tried again`, undefined, false);
    }
    throw new GitHubError(`${github.repository}: others claim ${id} all the time; try again later`, undefined, false);
  }

  /** What people see of a claim: the label, and the account if nobody was assigned. Returns the issue as it is then. */
  async function show(row: IssueRow, holder: ClaimRecord): Promise<Issue> {
    const at = { issue_number: row.number };
    let shown = row;
    if (!isMarked(row, settings)) {
      await github.send(anything, `POST ${ISSUE}/labels`, { ...at, labels: [settings.states.in_progress] });
    }
    if (holder.assigned !== undefined && assigneesOf(row).length === 0) {
      const assignees = [holder.assigned];
      ({ data: shown } = await github.send(issueRow, `POST ${ISSUE}/assignees`, { ...at, assignees }));
    } else if (!isMarked(row, settings)) ({ data: shown } = await github.send(issueRow, `GET ${ISSUE}`, at));
    const [parents, blockers] = await Promise.all([findParents(row), relations.blockersOf(shown)]);
    return completeIssue(parts, shown, { parents, blockers, holder });
  }

  async function findParents({ number }: IssueRow): Promise<string[]> {
    try {
      const { data } = await github.send(issueRow, `GET ${ISSUE}/parent`, { issue_number: number });
      return [idOf(data, github.repository)];
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
  }

  /** The token's account. An app's token has none, and then nobody is assigned. */
  function findLogin(): Promise<string | undefined> {
    login ??= github.send(userRow, 'GET /user').then(
      ({ data }) => data.login,
      (error: unknown) => {
        if (error instanceof GitHubError && (error.status === 403 || error.status === 404)) return undefined;
        login = undefined;
        throw error;
      },
    );
    return login;
  }

  async function release(id: string, by: Claim, mark?: { label: string; note: string }): Promise<WriteResult> {
    const found = await find(id);
    if (!found) return 'gone';
    const { row } = found;
    const log = await claims.readOf(row.number);
    const isOurs = log.holder?.key === by.key;
    const status = statusOf(row, settings);
    const isFree = log.holder === undefined && status !== IN_PROGRESS;
    if (states.isTerminal({ status }) || !(isOurs || isFree)) {
      if (isOurs) await claims.release(row.number, log);
      return 'already';
    }
    const changes = [
      mark !== undefined && (await comments.add(row.number, by, 'release', mark.note)),
      mark !== undefined && (await replaceMark(row, mark.label)),
      isOurs && (await hideClaim(row, log)),
    ];
    return changes.includes(true) ? 'done' : 'already';
  }

  async function close(id: string, by: Claim, reason: string): Promise<WriteResult> {
    const milestone = readMilestoneId(id);
    if (milestone !== undefined) return closeMilestone(milestone);
    const found = await find(id);
    if (!found) return 'gone';
    const { row } = found;
    const log = await claims.readOf(row.number);
    const isOurs = log.holder?.key === by.key;
    const isOpen = row.state === 'open';
    if (isOpen) {
      await comments.add(row.number, by, 'close', reason);
      const change = { issue_number: row.number, state: 'closed', state_reason: 'completed' };
      await github.send(issueRow, `PATCH ${ISSUE}`, change);
    }
    // Not before: an open issue without its labels looks as if it was free.
    await replaceMark(row);
    if (isOurs) {
      await removeLabel(row, settings.states.in_progress);
      await claims.release(row.number, log);
    }
    return isOpen ? 'done' : 'already';
  }

  async function closeMilestone(number: number): Promise<WriteResult> {
    const route = '/repos/{owner}/{repo}/milestones/{milestone_number}';
    try {
      const { data } = await github.send(milestoneRow, `GET ${route}`, { milestone_number: number });
      if (data.state !== 'open') return 'already';
      await github.send(milestoneRow, `PATCH ${route}`, { milestone_number: number, state: 'closed' });
      return 'done';
    } catch (error) {
      if (isGone(error)) return 'gone';
      throw error;
    }
  }

  /** The account that was assigned with the claim goes with it. */
  async function hideClaim(row: IssueRow, log: ClaimLog): Promise<boolean> {
    await removeLabel(row, settings.states.in_progress);
    const assigned = log.holder?.assigned;
    if (assigned !== undefined && assigneesOf(row).includes(assigned)) {
      await github.send(anything, `DELETE ${ISSUE}/assignees`, { issue_number: row.number, assignees: [assigned] });
    }
    await claims.release(row.number, log);
    return true;
  }

  /** The new one first: without any mark the issue would be taken for ready. */
  async function replaceMark(row: IssueRow, label?: string): Promise<boolean> {
    const added = label !== undefined && (await addLabel(row, label));
    for (const mark of MARKS) if (mark !== label) await removeLabel(row, mark);
    return added;
  }

  async function addLabel(row: IssueRow, label: string): Promise<boolean> {
    if (hasLabel(labelsOf(row), label)) return false;
    await github.send(anything, `POST ${ISSUE}/labels`, { issue_number: row.number, labels: [label] });
    return true;
  }

  async function removeLabel(row: IssueRow, label: string): Promise<void> {
    const name = labelsOf(row).find((each) => isSameLabel(each, label));
    if (name === undefined) return;
    try {
      await github.send(anything, `DELETE ${ISSUE}/labels/{name}`, { issue_number: row.number, name });
    } catch (error) {
      // Somebody else took it away.
      if (!isGone(error)) throw error;
    }
  }

  return { claim, release, close };
}
