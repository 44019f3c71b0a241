import { PROGRESS_REFS } from '../workspaces/refs.js';
import { describeKept, keptUntil } from './age.js';
import type { Findings, Leftover } from './leftover.js';

/** Work in progress that was kept of issues that are closed or gone, and that have no workspace any more. */
export async function findProgress(findings: Findings): Promise<Leftover[]> {
  const { workspaces, config, issueOf, isBusy, isClosed, now } = findings;
  const found: Leftover[] = [];
  for (const { name, workspace, branch, progress, problem } of await workspaces.kept.list()) {
    const issue = issueOf(name);
    const isDone = issue === undefined || isClosed(issue);
    if (!progress || workspace || branch?.checkedOut || problem !== undefined || !isDone || isBusy(name)) continue;
    const { commit, keptAt } = progress;
    const what = PROGRESS_REFS + name;
    const why = issue === undefined ? 'its issue is gone' : `its issue is ${issue.status}`;
    const until = keptUntil(keptAt, config.workspace.keep_days);
    const isOld = until !== undefined && until < now();
    if (!isOld && !(await workspaces.kept.isLanded(name))) {
      found.push({ kind: 'progress', what, why, plan: 'keep', how: `${describeKept(until)}: it has not landed` });
      continue;
    }
    const clean = async (): Promise<string[]> => {
      await workspaces.kept.dropProgress(name, commit);
      return [`removed ${what} (${commit.slice(0, 12)}, kept at ${keptAt.toISOString()}): ${why}`];
    };
    found.push({ kind: 'progress', what, why, plan: 'clean', how: 'is removed', clean });
  }
  return found;
}
