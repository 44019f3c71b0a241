import { afterEach } from 'vitest';
import { createGitHubTracker, type GitHubTrackerOptions } from '../../src/trackers/github-tracker.js';
import { readGitHubSettings } from '../../src/trackers/github-settings.js';
import type { Tracker } from '../../src/trackers/tracker.js';
import { startGitHubServer, type GitHubServer } from '../github-server/server.js';
import { makeRepository, type Repository } from '../github-server/state.js';

export const TOKEN = 'ghp_planted0secret0token';
export const LOGIN = 'robot';

/** A server with the repository `shop/api`, that `robot` may write to. It ends with the test. */
export async function startShop(): Promise<{ server: GitHubServer; repository: Repository }> {
  const server = await startGitHubServer();
  started.add(server);
  const repository = makeRepository('shop', 'api');
  repository.access.set(LOGIN, 'write').set('ann', 'write').set('bob', 'write');
  server.repositories.push(repository);
  server.tokens.set(TOKEN, LOGIN);
  return { server, repository };
}

const started = new Set<GitHubServer>();

afterEach(async () => {
  await Promise.all([...started].map((server) => server.close()));
  started.clear();
});

export interface OpenOptions extends Partial<Omit<GitHubTrackerOptions, 'settings'>> {
  provider?: Record<string, unknown>;
}

/** As fast as the server answers: none of the pauses that GitHub asks for. */
export function openTracker(server: GitHubServer, { provider, ...options }: OpenOptions = {}): Tracker {
  return createGitHubTracker({
    repository: 'shop/api',
    token: TOKEN,
    endpoint: server.url,
    settings: readGitHubSettings(provider),
    place: { place: 'here', host: 'desk' },
    pace: { unthrottled: true, secondMs: 5, timeoutMs: 10_000 },
    ...options,
  });
}
