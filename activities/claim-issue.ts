import type { FetchRequest, ReadyPage, RunRef } from '../src/contract/activities.js';
import type { Claim } from '../src/trackers/tracker.js';
import { assignAgent } from './assign-agent.js';
import type { Project } from './projects.js';

/** The run is what holds a claim; people see the project's name. */
export function claimOf(run: RunRef): Claim {
  return { key: run.runId, name: `garland/${run.project}` };
}

/** Claiming again in the same run succeeds, so that a call whose answer was lost can be made again. */
export async function claimIssues(
  project: Project,
  ids: string[],
  { run, selection }: Pick<FetchRequest, 'run' | 'selection'>,
): Promise<Pick<ReadyPage, 'taken' | 'refused'>> {
  const { tracker, workspaces } = project;
  const claims: Pick<ReadyPage, 'taken' | 'refused'> = { taken: [], refused: [] };
  const options = { allowInProgress: selection.wip_first };
  const answers = await Promise.all(ids.map((id) => tracker.claim(id, claimOf(run), options)));
  for (const [index, id] of ids.entries()) {
    const answer = answers[index];
    if (answer?.claimed) {
      const title = answer.issue.title.slice(0, 200);
      claims.taken.push({ id, title, workspace: workspaces.path(id), ...assignAgent(project, answer.issue) });
    } else if (answer) claims.refused.push({ id, reason: answer.reason });
  }
  return claims;
}
