import { ApplicationFailure } from '@temporalio/activity';
import type {
  Activities,
  FetchRequest,
  FinalizeAnswer,
  FinalizeRequest,
  ReadyPage,
  UnwrittenState,
} from '../src/contract/activities.js';
import { settleIssue, type Settled } from '../src/settlement/settle-issue.js';
import { UnwrittenError } from '../src/settlement/unwritten-error.js';
import { dropUnwritten, writeUnwritten } from '../src/settlement/unwritten-record.js';
import { claimOf } from './claim-issue.js';
import { messageOf, retryAfterOf } from './failures.js';
import { fetchReadyIssues } from './fetch-ready-issues.js';
import { folderOf, issueEnvironment } from './issue-environment.js';
import type { Project, Projects } from './projects.js';

/** Safe to call again after a crash at any point: see settleIssue. */
export function createFinalizeIssue(projects: Projects): Activities['finalizeIssue'] {
  return async function finalizeIssue(request): Promise<FinalizeAnswer> {
    const project = await projects.open(request.run);
    const settled = await settle(project, request);
    const notes = request.settlement.kind === 'close' ? await removeWorkspace(project, request, settled) : [];
    const answer = { ...settled, notes: [...settled.notes, ...notes] };
    return request.next === undefined ? answer : { ...answer, next: await lookFurther(project, request.next) };
  };
}

/**
 * What the tracker can't be told now is written down, for this run or a later one to tell it.
 *
 * @throws ApplicationFailure with what is known of the issue, an UnwrittenState, as its detail
 */
async function settle(project: Project, request: FinalizeRequest): Promise<Settled> {
  const { issueId, issueTitle, run, settlement } = request;
  try {
    const settled = await settleIssue(project, { issueId, issueTitle, claim: claimOf(run), settlement });
    await dropUnwritten(project.dir, issueId);
    return settled;
  } catch (error) {
    // A claim is given back by the next run as it is.
    if (settlement.kind !== 'release') {
      const record = { runId: run.runId, issueId, issueTitle, settlement };
      // On a full disk it is the workflow alone that knows.
      await writeUnwritten(project.dir, record).catch(() => undefined);
    }
    const state: UnwrittenState = error instanceof UnwrittenError ? error.state : 'not_written';
    const details = [state, ...retryAfterOf(error)];
    throw ApplicationFailure.create({ message: messageOf(error), type: 'Unwritten', details });
  }
}

/** Of an issue that is closed; what is left of it is told. */
async function removeWorkspace(
  { dir, workspaces }: Project,
  request: FinalizeRequest,
  { outcome }: Settled,
): Promise<string[]> {
  if (outcome === 'failed') return [];
  const { issueId, issueTitle } = request;
  try {
    const env = issueEnvironment(request, workspaces.path(issueId));
    return await workspaces.remove({ issueId, issueTitle }, env, folderOf(dir, request));
  } catch (error) {
    return [`its workspace could not be removed: ${messageOf(error)}`];
  }
}

/** What is settled must be reported, whatever becomes of the look at the rest: the next poll tries that again. */
async function lookFurther(project: Project, next: FetchRequest): Promise<ReadyPage | undefined> {
  try {
    return await fetchReadyIssues(project, next);
  } catch {
    return undefined;
  }
}
