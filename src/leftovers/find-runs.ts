import { rm } from 'node:fs/promises';
import { keptUntil } from './age.js';
import type { Findings, Leftover } from './leftover.js';

/** Records and raw output of runs that are gone, older than workspace.keep_runs_days. */
export async function findRuns({ runs, issues, config, now }: Findings): Promise<Leftover[]> {
  const days = config.workspace.keep_runs_days;
  // Whether the work of such an issue has landed is in there.
  const claiming = new Set(issues.flatMap((issue) => (issue.status === 'in_progress' ? [issue.claimedBy] : [])));
  return runs.flatMap(({ folder, runId, state, running, usedAt }): Leftover[] => {
    const until = keptUntil(usedAt, days);
    const isOld = until !== undefined && until < now();
    if (!isOld || state !== 'gone' || running.length > 0 || claiming.has(runId)) return [];
    const why = `not written to for ${days} days`;
    const clean = async (): Promise<string[]> => {
      await rm(folder, { recursive: true, force: true });
      return [`removed ${folder}: ${why}`];
    };
    return [{ kind: 'run', what: folder, why, plan: 'clean', how: 'is removed', clean }];
  });
}
