import type {
  Activities,
  FetchRequest,
  FinalizeAnswer,
  FinalizeRequest,
  ReadyPage,
  Settlement,
} from '../src/contract/activities.js';
import { epicsToClose } from '../src/trackers/close-epics.js';
import { NEEDS_FOLLOWUP } from '../src/trackers/tracker.js';
import { claimOf } from './claim-issue.js';
import { messageOf } from './failures.js';
import { fetchReadyIssues } from './fetch-ready-issues.js';
import { folderOf, issueEnvironment } from './issue-environment.js';
import type { Project, Projects } from './projects.js';

/** Every effect is looked up before it is made, so that doing all of it again after a crash changes nothing. */
export function createFinalizeIssue(projects: Projects): Activities['finalizeIssue'] {
  return async function finalizeIssue(request): Promise<FinalizeAnswer> {
    const project = await projects.open(request.run);
    const answer = await settle(project, request);
    return request.next === undefined ? answer : { ...answer, next: await lookFurther(project, request.next) };
  };
}

async function settle(project: Project, request: FinalizeRequest): Promise<FinalizeAnswer> {
  const { settlement } = request;
  if (settlement.kind === 'release') return giveBack(project, request);
  const adopted = await project.tracker.adopt(project.workspaces.path(request.issueId));
  if (settlement.kind === 'fail') return { ...(await setAside(project, request, settlement.reason)), adopted };
  const missing = await findMissing(project, request, settlement);
  if (missing !== undefined) return { ...(await setAside(project, request, missing)), adopted };
  return { ...(await closeIssue(project, request, settlement)), adopted };
}

/** What is settled must be reported, whatever becomes of the look at the rest: the next poll tries that again. */
async function lookFurther(project: Project, next: FetchRequest): Promise<ReadyPage | undefined> {
  try {
    return await fetchReadyIssues(project, next);
  } catch {
    return undefined;
  }
}

type Close = Extract<Settlement, { kind: 'close' }>;

/** An issue is closed only after reading back that the branch holds its commits. */
async function findMissing({ workspaces }: Project, request: FinalizeRequest, { commit }: Close) {
  if (commit === undefined || (await workspaces.holds(workOf(request), commit))) return undefined;
  return `the commit ${commit} was landed, but the branch does not hold it any more`;
}

async function closeIssue(project: Project, request: FinalizeRequest, settlement: Close): Promise<FinalizeAnswer> {
  const { tracker, workspaces } = project;
  const notes: string[] = [];
  const result = await tracker.close(request.issueId, claimOf(request.run), settlement.reason);
  if (result === 'gone') notes.push('it is gone from the tracker');
  const closedEpics = project.config.tracker.close_epics ? await closeEpics(project, request) : [];
  if (closedEpics.length > 0) notes.push(`closed ${closedEpics.join(', ')} with it`);
  try {
    const directory = folderOf(project.dir, request);
    await workspaces.remove(workOf(request), issueEnvironment(request, workspaces.path(request.issueId)), directory);
  } catch (error) {
    notes.push(`its workspace could not be removed: ${messageOf(error)}`);
  }
  return { outcome: settlement.outcome, notes, closedEpics, adopted: [] };
}

/** Upward, as far as the last open child of each was closed. */
async function closeEpics({ tracker }: Project, { issueId, run }: FinalizeRequest): Promise<string[]> {
  const { issues } = await tracker.list();
  const epics = epicsToClose(issues, issueId);
  for (const epic of epics) await tracker.close(epic, claimOf(run), 'all its children are closed');
  return epics;
}

/** Back to open, marked, with a note that says why, and its workspace kept. */
async function setAside(
  { tracker, workspaces }: Project,
  request: FinalizeRequest,
  reason: string,
): Promise<FinalizeAnswer> {
  const { issueId, run } = request;
  const workspace = workspaces.path(issueId);
  const note = `garland: not accepted: ${reason}\nWorkspace: ${workspace}`;
  const result = await tracker.release(issueId, claimOf(run), { label: NEEDS_FOLLOWUP, note });
  return { outcome: 'failed', notes: noteOf(result), closedEpics: [], adopted: [], workspace };
}

async function giveBack({ tracker, workspaces }: Project, { issueId, run }: FinalizeRequest): Promise<FinalizeAnswer> {
  const result = await tracker.release(issueId, claimOf(run));
  return {
    outcome: 'aborted',
    notes: noteOf(result),
    closedEpics: [],
    adopted: [],
    workspace: workspaces.path(issueId),
  };
}

function noteOf(result: 'done' | 'already' | 'gone'): string[] {
  return result === 'gone' ? ['it is gone from the tracker'] : [];
}

function workOf({ issueId, issueTitle }: FinalizeRequest) {
  return { issueId, issueTitle };
}
