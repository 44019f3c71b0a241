import type { Config } from '../config/schema.js';
import { createGitHub } from '../github/client.js';
import { isOnGitHub, parseRemote } from '../github/repository-name.js';
import { readGitHubToken } from '../github/token.js';
import type { RemoteBranches } from '../workspaces/workspaces.js';
import { createPullRequests, type PullRequests } from './pull-requests.js';
import { createReviews, type Reviews } from './reviews.js';

/**
 * The reviews of a project, where its work lands at a remote; undefined elsewhere. Nothing is asked of anybody yet. With the tracker
 * `github` they are opened by the same token, at the same API.
 */
export function openReviews(
  config: Config,
  remote: RemoteBranches | undefined,
  trackerKind: string,
  env: NodeJS.ProcessEnv = process.env,
): Reviews | undefined {
  if (remote === undefined) return undefined;
  let opened: PullRequests | undefined;
  const openPulls = async (): Promise<PullRequests | undefined> => {
    const repository = await findRepository(config, remote);
    if (repository === undefined) return undefined;
    const { tracker, land } = config;
    const isGitHub = trackerKind === 'github';
    const token = readGitHubToken(isGitHub ? tracker.api_key : undefined, env);
    const endpoint = land.endpoint ?? (isGitHub ? tracker.endpoint : undefined);
    return (opened ??= createPullRequests(createGitHub({ repository, token, endpoint })));
  };
  return createReviews(remote, openPulls);
}

/** Where pull requests are: named, or told by an address on GitHub. Any other remote is pushed to, and that is all. */
export async function findRepository({ land }: Config, remote: RemoteBranches): Promise<string | undefined> {
  if (land.repository !== undefined) return land.repository;
  const found = parseRemote((await remote.describe()).address);
  return found && isOnGitHub(found) ? found.repository : undefined;
}
