import { deleteBranch, isAncestor, readBranches } from './refs.js';
import type { Repository } from './repository.js';

/** A branch whose commits the integration branch holds has done its work; any other stays, and one that is checked out. */
export async function deleteLandedBranch(repository: Repository, branch: string, integration: string): Promise<void> {
  const found = await readBranches(repository, [branch, integration]);
  const issue = found.get(branch);
  const target = found.get(integration);
  if (issue === undefined || target === undefined || issue.checkedOutIn !== undefined) return;
  if (await isAncestor(repository, issue.commit, target.commit)) await deleteBranch(repository, branch, issue.commit);
}
