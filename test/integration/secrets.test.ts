import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { servePulls } from '../github-server/pull-routes.js';
import { startGitHubServer } from '../github-server/server.js';
import { makeRepository } from '../github-server/state.js';
import { gitIn, tryGitIn } from '../workspaces/project.js';
import type { Project } from './harness/project.js';
import { findInFiles, readRuns } from './harness/search-secrets.js';
import { readServerRecord } from './harness/server.js';
import { withProject } from './harness/with-project.js';

/** In garland's own environment. The agent is given the one that agent.env names, and TEMPORAL_* not even so. */
const PLANTED = {
  TEMPORAL_API_KEY: 'planted-temporal-key',
  GITHUB_TOKEN: 'planted-github-token',
  GH_TOKEN: 'planted-gh-token',
  LINEAR_API_KEY: 'planted-linear-key',
  AWS_SECRET_ACCESS_KEY: 'planted-aws-key',
  MY_NAMED_TOKEN: 'planted-named-token',
  PLAIN_VARIABLE: 'planted-variable',
};
const SECRETS = [...Object.values(PLANTED), 'planted-password'];

/** Issue `a` goes well, and tells what it was given by name; `b` fails; `c` fails at the gate. */
const AGENT = `
echo "start $GARLAND_ISSUE_ID $GARLAND_ATTEMPT $GARLAND_RUN_ID $$" >> "$LOG/spans"
env > "$LOG/env-agent-$GARLAND_ISSUE_ID-$GARLAND_ATTEMPT"
case $GARLAND_ISSUE_ID in
  b) echo "no luck" >&2; exit 1 ;;
  c) echo c > broken.txt ;;
  *) echo a > a.txt; git add --all; git commit --quiet -m a ;;
esac
`;

test('a whole run with failures in it writes no secret anywhere, and gives none to what it starts', async () => {
  const issues = ['a', 'b', 'c'].map((id) => ({ id }));
  await withProject({ kind: 'worktree', issues, ownServer: true }, async (project) => {
    const { bare, github } = await setUp(project);
    await project.garland('server', 'start').ended;
    const address = `127.0.0.1:${readServerRecord(project)?.port}`;
    Object.assign(project.env, PLANTED, { TEMPORAL_ADDRESS: address, TEMPORAL_TLS: 'false', GARLAND_DEBUG: '1' });

    // A remote that answers to nobody, with a password in its address.
    project.git('remote', 'add', 'origin', await startUselessRemote());
    expect((await project.runToEnd()).code).toBe(2);
    project.git('remote', 'set-url', 'origin', bare);
    // A token that GitHub refuses, and says so.
    github.server.faults.plan({
      on: /^GET/,
      fault: { kind: 'answer', status: 401, body: { message: `Bad credentials: ${PLANTED.GITHUB_TOKEN}` } },
    });
    expect((await project.runToEnd()).code).toBe(2);
    // GitHub stumbles, and repeats what it was sent.
    const echo = { message: `Bearer ${PLANTED.GITHUB_TOKEN} at https://me:planted-password@github.test/` };
    github.server.faults.plan({ on: /^POST/, fault: { kind: 'answer', status: 500, body: echo } });
    expect((await project.runToEnd()).code).toBe(1);

    // What ran has done what it was to do: the search below is of a run that happened.
    expect(github.pulls.pulls.map(({ head }) => head)).toEqual(['garland/issue/a']);
    expect(tryGitIn(bare, 'rev-parse', 'garland/issue/a')).toBeDefined();
    expect([...project.issues()].map(([id, { labels }]) => [id, labels])).toEqual([
      ['a', ['in-review']],
      ['b', ['needs-followup']],
      ['c', ['needs-followup']],
    ]);

    expectEnvironments(project.log);
    const told = await readRuns(address, `garland/${project.name}`);
    expect(told).toHaveLength(3);
    expect(told.join('\n')).toContain('GitHub answered 401');
    expect(told.flatMap((text) => SECRETS.filter((secret) => text.includes(secret)))).toEqual([]);
    for (const name of Object.keys(PLANTED)) delete project.env[name];
    for (const name of ['TEMPORAL_ADDRESS', 'TEMPORAL_TLS']) delete project.env[name];
    const status = project.garland('status', '--json', '--events');
    await status.ended;
    const spoken = project.garlands.map(({ out, err }) => out + err);
    expect(spoken.flatMap((text) => SECRETS.filter((secret) => text.includes(secret)))).toEqual([]);
    const pullTexts = github.pulls.pulls.map(({ issue }) => JSON.stringify(issue)).join('\n');
    expect(SECRETS.filter((secret) => pullTexts.includes(secret))).toEqual([]);

    // The server's database among them.
    const folders = ['project', 'state', 'cache', 'home', 'remote.git'].map((name) => join(project.top, name));
    expect(existsSync(join(project.top, 'state/garland/server'))).toBe(true);
    expect(findInFiles(folders, SECRETS)).toEqual([]);
  });
}, 180_000);

async function setUp(project: Project) {
  const bare = join(project.top, 'remote.git');
  gitIn(project.dir, 'clone', '--quiet', '--bare', project.dir, bare);
  const repository = makeRepository('shop', 'api');
  repository.access.set('me', 'write');
  const pulls = servePulls(repository, (branch) => tryGitIn(bare, 'rev-parse', `refs/heads/${branch}`));
  const server = await startGitHubServer({ routes: pulls.routes });
  onTestFinished(() => server.close());
  server.repositories.push(repository);
  server.tokens.set(PLANTED.GITHUB_TOKEN, 'me');
  const agent = join(project.log, 'agent.sh');
  writeFileSync(agent, `LOG='${project.log}'\n${AGENT}`);
  const tell = (name: string): string => `env > '${project.log}'/env-${name}-$GARLAND_ISSUE_ID-$GARLAND_ATTEMPT`;
  project.writeSettings({
    agent: { command: `sh '${agent}'`, max_attempts: 2, env: ['MY_NAMED_TOKEN', 'TEMPORAL_API_KEY'] },
    tracker: { kind: 'beads-jsonl', api_key: '$LINEAR_API_KEY' },
    hooks: { before_run: tell('before'), after_run: tell('after') },
    verify: { commands: [`${tell('gate')}; ls; test ! -e broken.txt`] },
    land: { strategy: 'pr', repository: 'shop/api', endpoint: server.url },
  });
  return { bare, github: { server, pulls } };
}

async function startUselessRemote(): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(403).end('no\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://me:planted-password@127.0.0.1:${(server.address() as AddressInfo).port}/shop.git`;
}

/** What agents, hooks and the gate were given, as they wrote it down outside of the project. */
function expectEnvironments(log: string): void {
  const files = readdirSync(log).filter((name) => name.startsWith('env-'));
  for (const kind of ['agent', 'before', 'after', 'gate']) {
    expect(files.some((name) => name.startsWith(`env-${kind}-`))).toBe(true);
  }
  const given = files.map((name) => readFileSync(join(log, name), 'utf8'));
  const found = given.map((text) => SECRETS.filter((secret) => text.includes(secret)));
  expect(new Set(found.flat())).toEqual(new Set([PLANTED.MY_NAMED_TOKEN]));
}
