import { UserError } from '../errors.js';
import type { Base } from './base-branch.js';
import { mergeCommits } from './combine-commits.js';
import { isAncestor, moveBranch, readBranches } from './refs.js';
import type { Repository } from './repository.js';

/**
 * Makes the integration branch from the base, fast-forwards it to the base, or merges the base into it when both have
 * moved. For who holds the landing lock.
 *
 * @throws UserError when that conflicts, or the branch is checked out; nothing has changed then
 */
export async function updateIntegration(repository: Repository, integration: string, base: Base): Promise<void> {
  for (;;) {
    const found = (await readBranches(repository, [integration])).get(integration);
    const from = found?.commit ?? '';
    if (found?.checkedOutIn !== undefined) {
      throw new UserError(
        `${integration} is checked out in ${found.checkedOutIn}, and would move under it: switch that folder to another branch, or set land.into`,
      );
    }
    const to = from === '' ? base.commit : await findNext(repository, integration, from, base);
    if (to === from || (await moveBranch(repository, integration, to, from, `follows ${base.name}`))) return;
  }
}

/**
 * The same where work lands elsewhere: the branch is a copy of the base, and may only be moved forward.
 *
 * @throws UserError when it has commits of its own
 */
export async function followBase(repository: Repository, integration: string, base: Base): Promise<void> {
  const found = (await readBranches(repository, [integration])).get(integration);
  if (found !== undefined && !(await isAncestor(repository, found.commit, base.commit))) {
    throw new UserError(
      `${integration} has commits that ${base.name} lacks, so what starts from it would bring them along: bring them home, or set land.into to another name`,
    );
  }
  await updateIntegration(repository, integration, base);
}

async function findNext(repository: Repository, integration: string, from: string, base: Base): Promise<string> {
  const { git, projectDir } = repository;
  const counts = await git.run(projectDir, ['rev-list', '--count', '--left-right', `${from}...${base.commit}`]);
  const [own = 0, ofBase = 0] = counts.split('\t').map(Number);
  if (ofBase === 0) return from;
  if (own === 0) return base.commit;
  const merged = await mergeCommits(repository, from, base.commit, `Merge ${base.name} into ${integration}`);
  switch (merged.kind) {
    case 'done':
      return merged.commit;
    case 'refused':
      throw new UserError(
        `${integration} and ${base.name} can't be merged: ${merged.reason}; see git.base and land.into`,
      );
    case 'conflict':
      throw new UserError(
        `${base.name} can't be merged into ${integration}: conflicts in ${merged.files.join(', ')}; ` +
          `nothing was started or changed. Run 'git merge ${integration}' on ${base.name}, resolve them and commit, then start again`,
      );
  }
}
