import type { Findings, Leftover } from './leftover.js';

/** Issues' branches that the integration branch holds, without a workspace. */
export async function findBranches({ workspaces, config, isBusy }: Findings): Promise<Leftover[]> {
  const works = await workspaces.kept.list();
  return works.flatMap(({ name, workspace, branch, progress, problem }): Leftover[] => {
    if (!branch?.landed || branch.checkedOut || workspace || progress || problem !== undefined || isBusy(name))
      return [];
    const why = `${config.land.into} holds it`;
    const clean = async (): Promise<string[]> => {
      await workspaces.kept.dropBranch(name);
      return [`removed the branch ${branch.name}: ${why}`];
    };
    return [{ kind: 'branch', what: branch.name, why, plan: 'clean', how: 'is removed', clean }];
  });
}
