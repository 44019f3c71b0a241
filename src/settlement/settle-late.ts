import { compileStates } from '../trackers/states.js';
import type { Issue } from '../trackers/tracker.js';
import { settleIssue, type SettleContext } from './settle-issue.js';
import { dropUnwritten, type UnwrittenRecord } from './unwritten-record.js';

/**
 * Tells the tracker what it could not be told when the issue ended, unless somebody has taken the issue in hand meanwhile. Returns
 * what was done, one line each.
 *
 * @throws what the tracker throws; the record stays then
 */
export async function settleLate(
  context: SettleContext & { dir: string; project: string },
  record: UnwrittenRecord,
): Promise<string[]> {
  const { runId, issueId, issueTitle, settlement } = record;
  const claim = { key: runId, name: `garland/${context.project}` };
  const { issues } = await context.tracker.list();
  const isOurs = needsSettling(context, record, issues);
  const settled = isOurs ? await settleIssue(context, { issueId, issueTitle, claim, settlement }) : undefined;
  await dropUnwritten(context.dir, issueId);
  if (settled === undefined) return [];
  const done = settled.outcome === 'failed' ? 'set aside' : 'done';
  return [[`${issueId} is ${done} now, which could not be written before`, ...settled.notes].join('; ')];
}

/** Closed already, its epics may yet have to be. */
export function needsSettling(
  { config }: Pick<SettleContext, 'config'>,
  { runId, issueId, settlement }: UnwrittenRecord,
  issues: Issue[],
): boolean {
  const issue = issues.find(({ id }) => id === issueId);
  if (issue === undefined) return false;
  const { active_states: activeStates, terminal_states: terminalStates } = config.tracker;
  if (compileStates({ activeStates, terminalStates }).isTerminal(issue)) return settlement.kind === 'close';
  return issue.claimedBy === runId;
}
