import { execFileSync } from 'node:child_process';
import { afterEach, expect, test, vi } from 'vitest';
import { configSchema } from '../../src/config/schema.js';
import { parseRemote } from '../../src/github/repository-name.js';
import { UserError } from '../../src/errors.js';
import { chooseTracker } from '../../src/trackers/choose-tracker.js';
import { createTracker } from '../../src/trackers/create-tracker.js';
import { findGitHub } from '../../src/trackers/find-github.js';
import { makeTemporaryFolder } from '../files/temporary-folder.js';

const NAMES = ['GITHUB_TOKEN', 'GH_TOKEN', 'SHOP_TOKEN'];

function setTokens(tokens: Record<string, string>): void {
  for (const name of NAMES) vi.stubEnv(name, tokens[name]);
  vi.stubEnv('XDG_STATE_HOME', makeTemporaryFolder());
}
afterEach(() => vi.unstubAllEnvs());

function makeClone(origin?: string): string {
  const dir = makeTemporaryFolder();
  execFileSync('git', ['init', '--quiet', dir]);
  if (origin !== undefined) execFileSync('git', ['-C', dir, 'remote', 'add', 'origin', origin]);
  return dir;
}

const tracker = (settings: Record<string, unknown> = {}) => configSchema.parse({ tracker: settings }).tracker;

async function problemOf(work: () => Promise<unknown>): Promise<string> {
  const error = await work().catch((thrown: unknown) => thrown);
  if (!(error instanceof UserError)) throw new Error(`expected a UserError, not ${String(error)}`);
  return error.message;
}

test.each([
  ['https://github.com/shop/api.git', 'github.com', 'shop/api'],
  ['https://ann:secret@github.com/shop/api', 'github.com', 'shop/api'],
  ['git@github.com:shop/api.git', 'github.com', 'shop/api'],
  ['ssh://git@ssh.github.com:443/shop/api.git/', 'ssh.github.com', 'shop/api'],
  ['git@GitHub.example.org:shop/api.v2', 'github.example.org', 'shop/api.v2'],
])('the remote %s is a repository', (url, host, repository) => {
  expect(parseRemote(url)).toEqual({ host, repository });
});

test.each([
  '/srv/git/api.git',
  '../api',
  'file:///srv/api.git',
  'https://github.com/api',
  'https://gitlab.org/a/b/c.git',
])('the remote %s is none', (url) => {
  expect(parseRemote(url)).toBeUndefined();
});

test('the repository is the remote of the project, and a token is the one that is named, or a usual one', async () => {
  const dir = makeClone('git@github.com:shop/api.git');
  setTokens({ GITHUB_TOKEN: 'usual', GH_TOKEN: 'other', SHOP_TOKEN: 'own' });
  expect(await findGitHub(dir, tracker())).toMatchObject({ repository: 'shop/api', token: 'usual' });
  expect(await findGitHub(dir, tracker({ api_key: '$SHOP_TOKEN' }))).toMatchObject({ token: 'own' });
  setTokens({ GH_TOKEN: 'other' });
  const provider = { repository: 'shop/web' };
  expect(await findGitHub(dir, tracker({ provider }))).toMatchObject({ repository: 'shop/web', token: 'other' });
});

test('a missing token, one that stands in the file, and one that is asked for by a name that is not set', async () => {
  const dir = makeClone('git@github.com:shop/api.git');
  setTokens({});
  const problem = (settings = {}) => problemOf(() => createTracker(dir, tracker({ kind: 'github', ...settings })));
  expect(await problem()).toMatch(/neither GITHUB_TOKEN nor GH_TOKEN is set/);
  expect(await problem({ api_key: '$SHOP_TOKEN' })).toMatch(/tracker\.api_key: \$SHOP_TOKEN isn't set/);
  const written = await problem({ api_key: 'ghp_secret' });
  expect(written).toMatch(/tracker\.api_key: found a value \(it isn't shown\), allowed: \$NAME/);
  expect(written).not.toContain('ghp_secret');
});

test('settings below tracker.provider are checked', async () => {
  const dir = makeClone('git@github.com:shop/api.git');
  setTokens({ GH_TOKEN: 'x' });
  const problem = (provider: unknown) => problemOf(() => findGitHub(dir, tracker({ provider })));
  expect(await problem({ repository: 'api' })).toBe('tracker.provider.repository: allowed: owner/name');
  expect(await problem({ epics: 'all' })).toMatch(/^tracker\.provider\.epics: .*"parents"\|"labels"\|"milestones"/);
  expect(await problem({ repo: 'shop/api' })).toMatch(/^tracker\.provider: .*"repo"/);
});

test("a token isn't sent to a server that nobody has named", async () => {
  setTokens({ GH_TOKEN: 'x' });
  const elsewhere = makeClone('https://git.example.org/shop/api.git');
  expect(await problemOf(() => findGitHub(elsewhere, tracker()))).toMatch(
    /is on git\.example\.org, and tracker\.endpoint/,
  );
  const endpoint = 'https://git.example.org/api/v3';
  expect(await findGitHub(elsewhere, tracker({ endpoint }))).toMatchObject({ endpoint, repository: 'shop/api' });
  expect(await problemOf(() => findGitHub(makeClone(), tracker()))).toMatch(/names no repository on GitHub/);
});

test('it is chosen where the remote is on GitHub and there is a token, and not otherwise', async () => {
  const dir = makeClone('https://github.com/shop/api.git');
  setTokens({ GITHUB_TOKEN: 'x' });
  const because = 'the git remote origin is shop/api on github.com';
  expect(await chooseTracker(dir, tracker())).toEqual({ kind: 'github', because });
  await expect(chooseTracker(makeClone(), tracker())).rejects.toThrow('no tracker that garland finds');
  setTokens({});
  await expect(chooseTracker(dir, tracker())).rejects.toThrow('a git remote origin on GitHub, with a token');
});

test('a place is the same every time, and another one for another folder', async () => {
  const [dir, other] = [makeClone('https://github.com/shop/api'), makeClone('https://github.com/shop/api')];
  setTokens({ GITHUB_TOKEN: 'x' });
  const places = await Promise.all([dir, dir, other].map(async (each) => (await findGitHub(each, tracker())).place));
  expect(places[0]).toEqual(places[1]);
  expect(places[0]!.place).not.toBe(places[2]!.place);
});
