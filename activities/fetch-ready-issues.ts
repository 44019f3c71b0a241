import { listNames } from '../src/files/list-names.js';
import { existsSync } from 'node:fs';
import { attemptFolder, runFolder } from '../src/agents/attempt-folder.js';
import { dayOf } from '../src/agents/spent-today.js';
import type { Activities, FetchRequest, ReadyPage } from '../src/contract/activities.js';
import { settleReviews } from '../src/settlement/settle-reviews.js';
import { settleLate } from '../src/settlement/settle-late.js';
import { listUnwritten } from '../src/settlement/unwritten-record.js';
import { selectReady } from '../src/trackers/select-ready.js';
import type { Listing } from '../src/trackers/tracker.js';
import { safeName } from '../src/workspaces/names.js';
import { findHeld } from './assign-agent.js';
import { claimIssues, claimOf } from './claim-issue.js';
import { asPassingFailure } from './failures.js';
import { findWithdrawn } from './find-withdrawn.js';
import type { Project, Projects } from './projects.js';

export function createFetchReadyIssues(projects: Projects): Activities['fetchReadyIssues'] {
  return async (request) => {
    try {
      return await fetchReadyIssues(await projects.open(request.run), request);
    } catch (error) {
      throw asPassingFailure(error);
    }
  };
}

/**
 * Reads the whole tracker, every time: a short list is never returned for a partial failure. Of several that come together, each
 * sets aside what it is about to claim before the next one looks, so that they don't take the same issues, and their
 * claims share one write where the tracker can do that; another is asked for as many as it takes at once.
 */
export async function fetchReadyIssues(project: Project, request: FetchRequest): Promise<ReadyPage> {
  const { page, chosen } = await project.inTurn(() => look(project, request));
  if (chosen.length === 0) return page;
  const { taken, refused } = await claimChosen(project, chosen, request);
  const answer = { ...page, taken, refused };
  if (refused.length === 0) return answer;
  // A refusal passes on to the next.
  const exclude = [...request.exclude, ...chosen];
  const take = Math.min(request.take, mostClaims(project)) - taken.length;
  const more = await fetchReadyIssues(project, { ...request, exclude, take });
  return {
    ...answer,
    ids: [...new Set([...page.ids, ...more.ids])],
    taken: [...taken, ...more.taken],
    refused: [...refused, ...more.refused],
  };
}

/** What is listed, and what of it is to be claimed. */
async function look(project: Project, request: FetchRequest): Promise<{ page: ReadyPage; chosen: string[] }> {
  const { settings, brokenEdit, setAside } = project;
  const late = request.recovers ? await tellLate(project, request) : [];
  const { listing, reviewed } = await lookAtReviews(project, request);
  const withdrawn = findWithdrawn(listing.issues, request.watch, claimOf(request.run));
  const nothing = {
    ids: [],
    taken: [],
    refused: [],
    stale: [],
    withdrawn,
    warnings: [],
    settings,
    brokenEdit,
    day: dayOf(new Date()),
  };
  if (!request.offers) return { page: nothing, chosen: [] };

  const known = new Set([...request.exclude, ...setAside]);
  const lost = request.recovers ? findLostClaims(listing, request, known) : [];
  const { ids, warnings } = select(project, listing, request, new Set([...known, ...lost]));
  const wasWorkedOn = await findWorkedOn(project, request);
  const stale = new Set(ids.filter(wasWorkedOn));
  const fresh = [...lost.filter((id) => !wasWorkedOn(id)), ...ids.filter((id) => !stale.has(id))];
  const held = findHeld(project, fresh, listing.issues, request.limited);
  const startable = fresh.filter((id) => !held.has(id));
  // What there is no room for is left to the next poll.
  const room = Math.max(0, mostClaims(project) - setAside.size);
  const chosen = startable.slice(0, Math.min(request.take, room));
  for (const id of chosen) setAside.add(id);
  const offer = {
    ids: startable.slice(0, request.limit),
    held: [...held].slice(0, request.limit),
    stale: [...stale],
  };
  return { page: { ...nothing, ...offer, warnings: [...late, ...reviewed, ...warnings] }, chosen };
}

const mostClaims = ({ tracker }: Project): number => tracker.claimsAtOnce ?? Infinity;

/** What was merged meanwhile is closed first, so that what depends on it is ready. */
async function lookAtReviews(project: Project, request: FetchRequest) {
  const listing = await project.tracker.list();
  if (!request.offers || project.reviews === undefined || !project.areReviewsDue()) return { listing, reviewed: [] };
  const reviewed = await settleReviews(project, listing.issues, claimOf(request.run));
  return { listing: reviewed.length === 0 ? listing : await project.tracker.list(), reviewed };
}

/** What the tracker could not be told when issues of this run ended. Should that fail again, it is no reason not to poll. */
async function tellLate(project: Project, { run, exclude }: FetchRequest): Promise<string[]> {
  const busy = new Set(exclude);
  const records = await listUnwritten(project.dir);
  const own = records.filter(({ runId, issueId }) => runId === run.runId && !busy.has(issueId));
  const told = own.map((record) => settleLate({ ...project, project: run.project }, record).catch(() => []));
  return (await Promise.all(told)).flat();
}

async function claimChosen(project: Project, chosen: string[], request: FetchRequest) {
  try {
    return await claimIssues(project, chosen, request);
  } finally {
    // In its turn: whoever has listed the tracker before the claims were written has chosen by then.
    void project.inTurn(async () => {
      for (const id of chosen) project.setAside.delete(id);
    });
  }
}

function select({ config }: Project, listing: Listing, request: FetchRequest, exclude: Set<string>) {
  const { run, selection, handled } = request;
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
    exclude,
    alreadyHandled: new Set(handled),
    isOurs: (issue) => issue.claimedBy === run.runId || issue.assignee === claimOf(run).name,
  });
  return { ids: ready.map((issue) => issue.id), warnings };
}

/** Claimed by a call whose answer never arrived: the run doesn't know that it has them. */
function findLostClaims({ issues }: Listing, { run }: FetchRequest, known: Set<string>): string[] {
  return issues
    .filter(({ id, status, claimedBy }) => status === 'in_progress' && claimedBy === run.runId && !known.has(id))
    .map(({ id }) => id);
}

/** Tells of an issue whether this run has worked on it. One look for all of them, because there may be thousands. */
async function findWorkedOn({ dir }: Project, { run }: FetchRequest): Promise<(id: string) => boolean> {
  const unwritten = new Set((await listUnwritten(dir)).map(({ issueId }) => issueId));
  const names = new Set(await listNames(runFolder(dir, run.runId)));
  const hasBegun = (id: string) => names.has(safeName(id)) && existsSync(attemptFolder(dir, run.runId, id, 1));
  return (id) => unwritten.has(id) || hasBegun(id);
}
