import { existsSync } from 'node:fs';
import { attemptFolder } from '../src/agents/attempt-folder.js';
import type { Activities, FetchRequest, ReadyPage } from '../src/contract/activities.js';
import { settleLate } from '../src/settlement/settle-late.js';
import { listUnwritten } from '../src/settlement/unwritten-record.js';
import { selectReady } from '../src/trackers/select-ready.js';
import type { Listing } from '../src/trackers/tracker.js';
import { claimIssues, claimOf } from './claim-issue.js';
import { findWithdrawn } from './find-withdrawn.js';
import type { Project, Projects } from './projects.js';

export function createFetchReadyIssues(projects: Projects): Activities['fetchReadyIssues'] {
  return async (request) => fetchReadyIssues(await projects.open(request.run), request);
}

/**
 * Reads the whole tracker, every time: a short list is never returned for a partial failure. One at a time, so that two that
 * come together don't take the same issues.
 */
export function fetchReadyIssues(project: Project, request: FetchRequest): Promise<ReadyPage> {
  return project.inTurn(() => fetchAlone(project, request));
}

async function fetchAlone(project: Project, request: FetchRequest): Promise<ReadyPage> {
  const { settings } = project;
  const late = request.recovers ? await tellLate(project, request) : [];
  const listing = await project.tracker.list();
  const withdrawn = findWithdrawn(listing.issues, request.watch, claimOf(request.run));
  const nothing = { ids: [], taken: [], refused: [], stale: [], warnings: [] };
  if (!request.offers) return { ...nothing, withdrawn, settings };

  const { ids, warnings } = select(project, listing, request);
  const unwritten = new Set((await listUnwritten(project.dir)).map(({ issueId }) => issueId));
  const wasWorkedOn = (id: string) =>
    unwritten.has(id) || existsSync(attemptFolder(project.dir, request.run.runId, id, 1));
  const fresh = [...findLostClaims(listing, request), ...ids].filter((id) => !wasWorkedOn(id));
  const claims = await claimIssues(project, fresh, request);
  return {
    ids: fresh.slice(0, request.limit),
    ...claims,
    stale: ids.filter(wasWorkedOn),
    withdrawn,
    warnings: [...late, ...warnings],
    settings,
  };
}

/** What the tracker could not be told when issues of this run ended. Should that fail again, it is no reason not to poll. */
async function tellLate(project: Project, { run, exclude }: FetchRequest): Promise<string[]> {
  const busy = new Set(exclude);
  const records = await listUnwritten(project.dir);
  const own = records.filter(({ runId, issueId }) => runId === run.runId && !busy.has(issueId));
  const told = own.map((record) => settleLate({ ...project, project: run.project }, record).catch(() => []));
  return (await Promise.all(told)).flat();
}

function select({ config }: Project, listing: Listing, request: FetchRequest) {
  const { run, selection, exclude, handled } = request;
  const { ready, warnings } = selectReady(listing, {
    epic: selection.epic,
    only: selection.only,
    order: selection.order,
    wipFirst: selection.wip_first,
    orphansOnly: selection.orphans_only,
    types: selection.types ?? config.tracker.types,
    requiredLabels: config.tracker.required_labels,
    activeStates: config.tracker.active_states,
    terminalStates: config.tracker.terminal_states,
    retryFailed: selection.retry_failed,
    exclude: new Set([...exclude, ...findLostClaims(listing, request)]),
    alreadyHandled: new Set(handled),
    isOurs: (issue) => issue.claimedBy === run.runId || issue.assignee === claimOf(run).name,
  });
  return { ids: ready.map((issue) => issue.id), warnings };
}

/** Claimed by a call whose answer never arrived: the run doesn't know that it has them. */
function findLostClaims({ issues }: Listing, { run, exclude, recovers }: FetchRequest): string[] {
  if (!recovers) return [];
  const known = new Set(exclude);
  return issues
    .filter(({ id, status, claimedBy }) => status === 'in_progress' && claimedBy === run.runId && !known.has(id))
    .map(({ id }) => id);
}
