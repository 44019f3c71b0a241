import type { Config } from '../config/schema.js';
import type { FinalizeAnswer, Settlement } from '../contract/activities.js';
import { epicsToClose } from '../trackers/close-epics.js';
import type { Reviews } from '../reviews/reviews.js';
import { IN_REVIEW, NEEDS_FOLLOWUP, type Claim, type Tracker } from '../trackers/tracker.js';
import type { Workspaces } from '../workspaces/workspaces.js';
import { UnwrittenError } from './unwritten-error.js';
import { writeKnowing } from './write-knowing.js';

export interface SettleContext {
  config: Config;
  tracker: Tracker;
  workspaces: Workspaces;
  /** For land.strategy pr. */
  reviews?: Reviews;
}

/** What became of an issue, and who says so. Its effects are keyed by that: the run, the issue, the kind of settlement. */
export interface IssueEnd {
  issueId: string;
  issueTitle: string;
  claim: Claim;
  settlement: Settlement;
}

export type Settled = Omit<FinalizeAnswer, 'next'>;
type Close = Extract<Settlement, { kind: 'close' }>;

/**
 * Writes to the tracker what became of an issue. Every effect is looked up before it is made, so that doing all of it again, after
 * a crash or an answer that was lost, changes nothing.
 *
 * @throws UnwrittenError when the write failed, with what is known of it; whatever else fails, failed before it
 */
export async function settleIssue(context: SettleContext, end: IssueEnd): Promise<Settled> {
  const { settlement } = end;
  if (settlement.kind === 'release') return giveBack(context, end);
  const adopted = await context.tracker.adopt(context.workspaces.path(end.issueId));
  if (settlement.kind === 'fail') return { ...(await setAside(context, end, settlement.reason)), adopted };
  const missing = await findMissing(context, end, settlement);
  if (missing !== undefined) return { ...(await setAside(context, end, missing)), adopted };
  if (await waitsForMerge(context, end, settlement)) return { ...(await handOver(context, end, settlement)), adopted };
  return { ...(await close(context, end, settlement)), adopted };
}

async function waitsForMerge({ config, reviews }: SettleContext, { issueId }: IssueEnd, { commit }: Close) {
  if (reviews === undefined || commit === undefined || config.land.close_when !== 'merged') return false;
  return (await reviews.stateOf(issueId)).state !== 'merged';
}

/** Open, but marked, until people have merged it: so what depends on it doesn't start without it. */
async function handOver(context: SettleContext, end: IssueEnd, { outcome, reason }: Close): Promise<Settled> {
  const mark = { label: IN_REVIEW, note: `garland: ${reason}` };
  const result = await writeKnowing(context, end, () => context.tracker.release(end.issueId, end.claim, mark));
  return { outcome, notes: ['waits to be merged', ...noteOf(result)], closedEpics: [], adopted: [] };
}

/** An issue is closed only after reading back that the branch holds its commits. */
async function findMissing(context: SettleContext, { issueId, issueTitle }: IssueEnd, { commit }: Close) {
  if (commit === undefined || (await context.workspaces.holds({ issueId, issueTitle }, commit))) return undefined;
  // Merged as another commit, and its branch is gone already.
  if ((await context.reviews?.stateOf(issueId))?.state === 'merged') return undefined;
  return `the commit ${commit} was landed, but the branch does not hold it any more`;
}

async function close(context: SettleContext, end: IssueEnd, { outcome, reason }: Close): Promise<Settled> {
  const { tracker } = context;
  const result = await writeKnowing(context, end, () => tracker.close(end.issueId, end.claim, reason));
  const closedEpics = context.config.tracker.close_epics ? await closeEpics(context, end) : [];
  const notes = [...noteOf(result), ...(closedEpics.length > 0 ? [`closed ${closedEpics.join(', ')} with it`] : [])];
  return { outcome, notes, closedEpics, adopted: [] };
}

/** Upward, as far as the last open child of each was closed. */
async function closeEpics({ tracker, config }: SettleContext, { issueId, claim }: IssueEnd): Promise<string[]> {
  const { active_states: activeStates, terminal_states: terminalStates } = config.tracker;
  try {
    const { issues } = await tracker.list();
    const epics = epicsToClose(issues, issueId, { activeStates, terminalStates });
    for (const epic of epics) await tracker.close(epic, claim, 'all its children are closed');
    return epics;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnwrittenError('written', `whether its epics are done can't be found out or written: ${reason}`, error);
  }
}

/** Back to open, marked, with a note that says why, and its workspace kept. */
async function setAside(context: SettleContext, end: IssueEnd, reason: string): Promise<Settled> {
  const workspace = context.workspaces.path(end.issueId);
  const mark = { label: NEEDS_FOLLOWUP, note: `garland: not accepted: ${reason}\nWorkspace: ${workspace}` };
  const result = await writeKnowing(context, end, () => context.tracker.release(end.issueId, end.claim, mark));
  return { outcome: 'failed', notes: noteOf(result), closedEpics: [], adopted: [], workspace };
}

async function giveBack(context: SettleContext, end: IssueEnd): Promise<Settled> {
  const workspace = context.workspaces.path(end.issueId);
  const result = await writeKnowing(context, end, () => context.tracker.release(end.issueId, end.claim));
  return { outcome: 'aborted', notes: noteOf(result), closedEpics: [], adopted: [], workspace };
}

function noteOf(result: 'done' | 'already' | 'gone'): string[] {
  return result === 'gone' ? ['it is gone from the tracker'] : [];
}
