import type { Config } from '../config/schema.js';
import { EXIT, UserError } from '../errors.js';
import { baseOf, filterOwnPaths } from './filter-own-paths.js';
import type { LandingRecord } from './landing-record.js';
import { commitLeftovers } from './leftovers.js';
import { readBranches, refOf } from './refs.js';
import type { Rejection } from './rejection.js';
import { settleHead } from './settle-head.js';
import type { WorkPlace } from './work-place.js';
import { readStatus } from './worktree-status.js';

/** Brings everything that the agent did, and nothing of the tracker's own, into commits on the branch. */
export async function collectWork(place: WorkPlace, config: Config['git']): Promise<Rejection | LandingRecord> {
  const status = await readStatus(place.repository, place.folder);
  const rejection = (await settleHead(place, status)) ?? (await commitLeftovers(place, status, config));
  if (rejection) return rejection;
  const branches = await readBranches(place.repository, [place.branch, place.integration]);
  const branch = branches.get(place.branch);
  if (branch === undefined || !branches.has(place.integration)) {
    const gone = branch === undefined ? place.branch : place.integration;
    throw new UserError(`the branch ${gone} is gone: start the run again, which makes it`, EXIT.failed);
  }
  const commits = await listCommits(place, branch.commit);
  const head = await filterOwnPaths(place, branch.commit, commits);
  const left = head === branch.commit ? commits : await listCommits(place, head);
  return { version: 1, head, hasWork: left.length > 0 };
}

/** What the branch has that neither the integration branch nor the user's own has; newest first, parents after children. */
async function listCommits(place: WorkPlace, head: string): Promise<string[]> {
  const args = ['rev-list', '--topo-order', head, '--not', refOf(place.integration), ...baseOf(place)];
  const output = await place.repository.git.run(place.folder, args);
  return output.split('\n').filter((line) => line !== '');
}
