import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import type { RunEvent } from '../../src/contract/events.js';
import { makeProject, startGarland, untilWritten } from '../cli/project-folder.js';
import type { Faults } from '../github-server/faults.js';
import { startGitHubServer } from '../github-server/server.js';
import { addIssue, findIssue, makeRepository, type Repository } from '../github-server/state.js';

const TOKEN = 'ghp_planted0secret0token';

async function startShop(): Promise<{ endpoint: string; repository: Repository; faults: Faults }> {
  const server = await startGitHubServer();
  onTestFinished(() => server.close());
  const repository = makeRepository('shop', 'api');
  repository.access.set('robot', 'write');
  server.repositories.push(repository);
  server.tokens.set(TOKEN, 'robot');
  return { endpoint: server.url, repository, faults: server.faults };
}

async function makeClone(workflow: string) {
  const project = await makeProject({ workflow });
  await rm(join(project.dir, '.beads'), { recursive: true });
  await execa('git', ['remote', 'add', 'origin', 'git@github.example.org:shop/api.git'], { cwd: project.dir });
  const garland = (...args: string[]) => startGarland(args, { cwd: project.dir, env: { GH_TOKEN: TOKEN } });
  return { ...project, garland };
}

// GitHub asks for a second between two writes, and for three between two comments: garland keeps to it.
test('a run works off the issues of a repository, in their order, and nothing else', { timeout: 300_000 }, async () => {
  const { endpoint, repository } = await startShop();
  addIssue(repository, { title: 'Cart' });
  addIssue(repository, { title: 'Totals', parent: 1, labels: ['priority: 3'] });
  addIssue(repository, { title: 'Prices', parent: 1, labels: ['P0'], body: 'In cents' });
  addIssue(repository, { title: 'Receipt', labels: ['P1'], blockedBy: [3] });
  addIssue(repository, { title: 'A pull request', isPull: true });
  addIssue(repository, { title: 'Not now', labels: ['deferred'] });
  addIssue(repository, { title: 'Old', state: 'closed' });
  const { garland, dir } = await makeClone(`tracker: { endpoint: '${endpoint}' }\nagent: { max_concurrent_agents: 1 }`);

  const agent = 'env > "work-$GARLAND_ISSUE_ID.txt"';
  const { exitCode, stdout, stderr } = await garland('run', '--json', '--agent', agent);
  expect(stderr).toContain('tracker: github (the git remote origin is shop/api on github.example.org)');
  expect(exitCode).toBe(0);
  const events = stdout
    .trim()
    .split('\n')
    .map((line): RunEvent => JSON.parse(line));
  const started = events.flatMap((event) => (event.event === 'agent_started' ? [event.id] : []));
  // Once 3 is done, 4 is free, and more urgent than what is left of the epic.
  expect(started).toEqual(['3', '4', '2']);

  const open = repository.issues.filter((issue) => issue?.state === 'open');
  expect(open.map((issue) => issue?.number)).toEqual([5, 6]);
  for (const number of [2, 3, 4]) {
    const { comments, labels, assignees } = findIssue(repository, number)!;
    expect(comments).toMatchObject([{ author: 'robot', body: expect.stringMatching(/^```text\nlanded on garland/) }]);
    expect(labels).not.toContain('in-progress');
    expect(assignees).toEqual(['robot']);
  }
  const { stdout: environment } = await execa('git', ['show', 'garland/integration:work-3.txt'], { cwd: dir });
  expect(environment).toContain('GARLAND_ISSUE_ID=3');
  expect(environment).not.toContain(TOKEN);
  expect((await garland('run', '--agent', agent)).exitCode).toBe(0);
});

test('without a token that GitHub takes nothing is started, and a line says what to do', async () => {
  const { endpoint } = await startShop();
  const { garland, dir } = await makeClone(`tracker: { kind: github, endpoint: '${endpoint}' }`);
  const wrong = await startGarland(['run', '--agent', 'true'], { cwd: dir, env: { GITHUB_TOKEN: 'ghp_wrong' } });
  expect(wrong.stderr).toMatch(/^garland: shop\/api: GET issues: GitHub answered 401 .*the token is wrong/m);
  const none = await startGarland(['run', '--agent', 'true'], {
    cwd: dir,
    env: { GITHUB_TOKEN: '', GH_TOKEN: '' },
  });
  expect(none.stderr).toMatch(/GITHUB_TOKEN nor GH_TOKEN is set/);
  expect([wrong.exitCode, none.exitCode]).toEqual([2, 2]);
  expect((await garland('run', '--agent', 'true', '--dry-run')).exitCode).toBe(0);
});

test('a rate limit that holds up the look before the start is told while it does', async () => {
  const { endpoint, faults } = await startShop();
  const body = { message: 'You have exceeded a secondary rate limit' };
  faults.plan({ fault: { kind: 'answer', status: 403, body, headers: { 'retry-after': '200' } } });
  const { garland } = await makeClone(`tracker: { endpoint: '${endpoint}' }`);
  const run = garland('run', '--agent', 'true');
  await untilWritten(run, 'stderr', "garland: GitHub's secondary rate limit is reached: waiting 200 s");
  run.kill('SIGINT');
  const { exitCode, stderr } = await run;
  expect(stderr).toContain('interrupted; no run was started');
  expect(exitCode).toBe(130);
});
