import type { FetchRequest, ReadyPage, RunRef } from '../src/contract/activities.js';
import type { Claim } from '../src/trackers/tracker.js';
import type { Project } from './projects.js';

/** The run is what holds a claim; people see the project's name. */
export function claimOf(run: RunRef): Claim {
  return { key: run.runId, name: `garland/${run.project}` };
}

/**
 * Claims issues in their order until `take` are claimed: a refusal passes on to the next. Claiming again in the same run
 * succeeds, so that a call whose answer was lost can be made again.
 */
export async function claimIssues(
  { tracker, workspaces }: Project,
  ids: string[],
  { run, take, selection }: Pick<FetchRequest, 'run' | 'take' | 'selection'>,
): Promise<Pick<ReadyPage, 'taken' | 'refused'>> {
  const taken: ReadyPage['taken'] = [];
  const refused: ReadyPage['refused'] = [];
  for (let next = 0; taken.length < take && next < ids.length;) {
    const batch = ids.slice(next, next + take - taken.length);
    next += batch.length;
    const options = { allowInProgress: selection.wip_first };
    const answers = await Promise.all(batch.map((id) => tracker.claim(id, claimOf(run), options)));
    for (const [index, id] of batch.entries()) {
      const answer = answers[index];
      if (answer?.claimed) taken.push({ id, title: answer.issue.title.slice(0, 200), workspace: workspaces.path(id) });
      else if (answer) refused.push({ id, reason: answer.reason });
    }
  }
  return { taken, refused };
}
