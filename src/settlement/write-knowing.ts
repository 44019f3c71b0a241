import { compileStates } from '../trackers/states.js';
import type { Issue, WriteResult } from '../trackers/tracker.js';
import type { IssueEnd, SettleContext } from './settle-issue.js';
import { UnwrittenError } from './unwritten-error.js';

/**
 * Makes a write, and when it fails reads back what came of it: its answer alone may have been lost.
 *
 * @throws UnwrittenError `not_written` when it was not made, `unknown` when that can't be found out
 */
export async function writeKnowing(
  context: SettleContext,
  end: IssueEnd,
  write: () => Promise<WriteResult>,
): Promise<WriteResult> {
  try {
    return await write();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const found = await readBack(context, end);
    if (found === 'not_written') throw new UnwrittenError('not_written', reason, error);
    if (found === 'unknown') {
      throw new UnwrittenError('unknown', `whether the tracker has it can't be found out: ${reason}`, error);
    }
    return found;
  }
}

async function readBack({ tracker, config }: SettleContext, end: IssueEnd) {
  let issues: Issue[];
  try {
    ({ issues } = await tracker.list());
  } catch {
    return 'unknown';
  }
  const issue = issues.find(({ id }) => id === end.issueId);
  if (issue === undefined) return 'gone';
  if (issue.claimedBy === end.claim.key) return 'not_written';
  const { active_states: activeStates, terminal_states: terminalStates } = config.tracker;
  // Open without the claim: a tracker that writes in several steps may have come no further.
  return compileStates({ activeStates, terminalStates }).isTerminal(issue) ? 'done' : 'unknown';
}
