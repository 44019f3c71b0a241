import type { Findings, Leftover } from './leftover.js';

/** The folder of a landing that was killed: `git worktree list` shows it until somebody lands again. */
export async function findLanding({ workspaces }: Findings): Promise<Leftover[]> {
  const what = await workspaces.kept.findDeadLanding();
  if (what === undefined) return [];
  const why = 'what was landed in it was killed';
  const clean = async (): Promise<string[]> => {
    await workspaces.kept.dropDeadLanding();
    return [`removed ${what}: ${why}`];
  };
  return [{ kind: 'file', what, why, plan: 'clean', how: 'is removed', clean }];
}
