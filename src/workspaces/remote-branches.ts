import { UserError } from '../errors.js';
import { resolveBase, type Base } from './base-branch.js';
import { followBase } from './integration.js';
import type { IssuePlace } from './issue-place.js';
import { withLandingLock } from './landing-lock.js';
import { dropPushedRefs } from './push-branch.js';
import { isAncestor, readBranches, readCommit, deleteBranch } from './refs.js';
import { fetchBase, pushCommit, readAddress, readRemoteBranch } from './remote.js';
import type { Repository } from './repository.js';
import type { RemoteBranches } from './workspaces.js';

export interface RemoteDeps {
  projectDir: string;
  /** land.remote */
  remote: string;
  /** git.base */
  base?: string;
  /** land.into */
  integration: string;
  openRepository: () => Promise<Repository>;
  placeOf: (issueId: string) => IssuePlace;
}

/** land.strategy pr: issues' branches at a remote, and its base branch, from which workspaces start. */
export function createRemoteBranches(deps: RemoteDeps): RemoteBranches {
  const { projectDir, remote, integration, openRepository, placeOf } = deps;

  const readBase = async (repository: Repository): Promise<string> => {
    const { name } = await resolveBase(repository, deps.base);
    return name.startsWith(`${remote}/`) ? name.slice(remote.length + 1) : name;
  };
  const refresh = async (): Promise<Base> => {
    const repository = await openRepository();
    const base = await readBase(repository);
    const commit = await fetchBase(repository, remote, base);
    await withLandingLock(projectDir, () => followBase(repository, integration, { name: `${remote}/${base}`, commit }));
    return { name: base, commit };
  };

  return {
    refresh,

    describe: async () => {
      const repository = await openRepository();
      return { remote, address: await readAddress(repository, remote), base: await readBase(repository) };
    },

    check: async () => {
      const repository = await openRepository();
      await readAddress(repository, remote);
      const { commit } = await refresh();
      const branch = `${placeOf('x').branch}-may-be-pushed`;
      const isFree = await pushCommit(repository, remote, { commit, branch, dryRun: true });
      if (!isFree) throw new UserError(`the remote ${remote} has a branch ${branch}, which garland needs for itself`);
    },

    branchOf: (issueId) => placeOf(issueId).branch,

    holds: async (issueId, commit) => {
      const repository = await openRepository();
      const found = await readRemoteBranch(repository, remote, placeOf(issueId).branch);
      if (found === commit) return true;
      return isAncestor(repository, commit, (await refresh()).commit);
    },

    isMerged: async (issueId) => {
      const repository = await openRepository();
      const { commit } = await refresh();
      const { branch, pushedRef } = placeOf(issueId);
      // In another clone than the one that pushed, only the remote knows.
      const pushed = (await readCommit(repository, pushedRef)) ?? (await readRemoteBranch(repository, remote, branch));
      return pushed !== undefined && (await isAncestor(repository, pushed, commit));
    },

    forget: async (issueId) => {
      const repository = await openRepository();
      const place = placeOf(issueId);
      const { branch, pushedRef } = place;
      const pushed = await readCommit(repository, pushedRef);
      const found = (await readBranches(repository, [branch])).get(branch);
      if (found !== undefined && found.commit === pushed && found.checkedOutIn === undefined) {
        await deleteBranch(repository, branch, found.commit);
      }
      await dropPushedRefs(repository, place);
    },
  };
}
