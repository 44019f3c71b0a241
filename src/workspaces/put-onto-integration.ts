import { mergeCommits, rebaseCommits } from './combine-commits.js';
import { baseOf } from './filter-own-paths.js';
import { rejectWork, type Rejection } from './rejection.js';
import type { WorkPlace } from './work-place.js';

/**
 * The work on top of a newer integration branch: rebased, or merged where a rebase would copy commits of the user's own or
 * bring conflicts back that the agent has resolved in a merge.
 */
export async function putOntoIntegration(place: WorkPlace, head: string, onto: string): Promise<string | Rejection> {
  const { repository, branch, integration } = place;
  const combined = (await isLinear(place, head, onto))
    ? await rebaseCommits(repository, head, onto)
    : await mergeCommits(repository, onto, head, `Merge ${branch} into ${integration}`);
  switch (combined.kind) {
    case 'done':
      return combined.commit;
    case 'refused':
      return rejectWork('conflict', `${branch} can't be brought onto ${integration}: ${combined.reason}`);
    case 'conflict': {
      const files = combined.files.slice(0, 30).join(', ') + (combined.files.length > 30 ? ', …' : '');
      return rejectWork(
        'conflict',
        `conflict with ${integration} in: ${files}\n` +
          `Run 'git rebase ${integration}' in the workspace, resolve the conflicts and commit.\n${combined.excerpt}`,
      );
    }
  }
}

async function isLinear(place: WorkPlace, head: string, onto: string): Promise<boolean> {
  const list = async (...without: string[]): Promise<string[]> => {
    const args = ['rev-list', '--parents', head, '--not', onto, ...without];
    return (await place.repository.git.run(place.folder, args)).split('\n');
  };
  const commits = await list();
  // A line is a commit and its parents.
  if (commits.some((line) => line.split(' ').length > 2)) return false;
  const base = baseOf(place);
  return base.length === 0 || (await list(...base)).length === commits.length;
}
