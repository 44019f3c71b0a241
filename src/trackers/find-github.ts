import type { Config } from '../config/schema.js';
import { findRepositoryName } from '../github/repository-name.js';
import { readGitHubToken } from '../github/token.js';
import { readGitHubSettings } from './github-settings.js';
import type { GitHubTrackerOptions } from './github-tracker.js';
import { findPlace } from './place.js';

/**
 * What the tracker `github` needs to know, from the configuration, the environment and the git remote `origin`.
 *
 * @throws UserError when something is missing or wrong
 */
export async function findGitHub(projectDir: string, config: Config['tracker']): Promise<GitHubTrackerOptions> {
  const { provider, endpoint, api_key: apiKey } = config;
  const settings = readGitHubSettings(provider);
  return {
    settings,
    endpoint,
    repository: await findRepositoryName(projectDir, settings.repository, endpoint),
    token: readGitHubToken(apiKey),
    place: await findPlace(projectDir),
  };
}
