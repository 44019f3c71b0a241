import { expect, it } from 'vitest';
import { closing, BRANCH, ReviewScene } from '../reviews/review-scene.js';
import { addIssue, findIssue } from '../github-server/state.js';
import { gitIn, tryGitIn } from '../workspaces/project.js';

const ISSUES = [
  { id: 'E', type: 'epic' },
  { id: 'A1', parent: 'E' },
  { id: 'A2', blockers: ['A1'] },
];

async function handOver(options: Parameters<typeof ReviewScene.make>[1] = {}) {
  const scene = await ReviewScene.make(ISSUES, options);
  expect((await scene.fetch(1)).taken.map(({ id }) => id)).toEqual(['A1']);
  const verdict = await scene.work('A1', { 'a.txt': '1\n' });
  const answer = await scene.finalize('A1', closing(verdict));
  return { scene, verdict, answer };
}

it('keeps an issue open and marked until its pull request is merged, and what depends on it waiting', async () => {
  const { scene, verdict, answer } = await handOver();
  expect(answer).toMatchObject({ outcome: 'succeeded', notes: ['waits to be merged'], closedEpics: [] });
  expect(scene.tracked('A1')).toEqual({
    status: 'open',
    labels: ['in-review'],
    notes: `garland: ${verdict.reason}`,
    reason: undefined,
  });
  expect(await scene.fetch(5)).toMatchObject({ ids: [], taken: [], warnings: [] });

  scene.mergeBranch(BRANCH, '--squash');
  scene.pulls.merge(1);
  const page = await scene.fetch(5);
  expect(page.warnings).toEqual(['A1 is closed: it was merged https://github.test/shop/api/pull/1; closed E with it']);
  expect(page.taken.map(({ id }) => id)).toEqual(['A2']);
  expect(scene.tracked('A1')).toMatchObject({
    status: 'closed',
    labels: [],
    reason: 'merged https://github.test/shop/api/pull/1',
  });
  expect(scene.tracked('E')).toMatchObject({ status: 'closed' });
  expect(tryGitIn(scene.top, 'rev-parse', BRANCH)).toBeUndefined();
  // What depends on it starts with it.
  await scene.work('A2', { 'b.txt': '1\n' });
  expect(gitIn(scene.bare, 'log', '--format=%s', 'garland/issue/A2')).toBe('A2: work\nsquashed\nbase');
});

// Each write on GitHub takes a second.
it('settles what GitHub has closed with the pull request: epic, label and branch', { timeout: 120_000 }, async () => {
  const scene = await ReviewScene.onGitHub((repository) => {
    addIssue(repository, { title: 'Epic' });
    addIssue(repository, { title: 'Sum up', parent: 1, body: 'Closes #3' });
    addIssue(repository, { title: 'Not this one', labels: ['Needs-Followup'] });
  });
  expect((await scene.fetch(5)).taken.map(({ id }) => id)).toEqual(['2']);
  await scene.finalize('2', closing(await scene.work('2', { 'a.txt': '1\n' })));
  expect(findIssue(scene.repository, 2)).toMatchObject({ state: 'open', labels: ['in-review'] });
  scene.mergeBranch('garland/issue/2', '--squash');
  scene.pulls.merge(4);
  const states = () => scene.repository.issues.map((issue) => issue?.state);
  expect(states()).toEqual(['open', 'closed', 'open', 'closed']);

  const told = '2 is closed: it was merged https://github.test/shop/api/pull/4; closed 1 with it';
  expect(await scene.fetch()).toMatchObject({ ids: [], warnings: [told] });
  expect(states()).toEqual(['closed', 'closed', 'open', 'closed']);
  expect(findIssue(scene.repository, 2)).toMatchObject({ labels: [] });
  expect(
    gitIn(scene.top, 'for-each-ref', '--format=%(refname)', 'refs/heads/garland/issue', 'refs/garland'),
  ).not.toContain('issue/2');
  expect((await scene.fetch()).warnings).toEqual([]);
});

it('takes the mark from what a person has closed, once no pull request is open', async () => {
  const { scene } = await handOver();
  scene.edit('A1', { status: 'closed', labels: ['In-Review', 'x'] });
  expect((await scene.fetch()).warnings).toEqual([]);
  scene.pulls.close(1);
  const [told, ...others] = (await scene.fetch()).warnings;
  expect([told, others]).toEqual([
    expect.stringMatching(/^A1 is closed, though its work isn't known to be merged/),
    [],
  ]);
  expect(scene.tracked('A1')).toMatchObject({ status: 'closed', labels: ['x'] });
  expect(scene.tracked('E')).toMatchObject({ status: 'open' });
  expect((await scene.fetch()).warnings).toEqual([]);
});

it('closes it by what the remote holds where there are no pull requests', async () => {
  const { scene } = await handOver({ github: false });
  expect(await scene.fetch()).toMatchObject({ ids: [], warnings: [] });
  scene.mergeBranch(BRANCH, '--no-ff');
  expect(await scene.fetch()).toMatchObject({
    ids: ['A2'],
    warnings: ['A1 is closed: it was merged; closed E with it'],
  });
});

it('sets it aside when the pull request is closed without being merged', async () => {
  const { scene } = await handOver();
  scene.pulls.close(1);
  const url = 'https://github.test/shop/api/pull/1';
  expect((await scene.fetch()).warnings).toEqual([
    `A1 is set aside: the pull request ${url} was closed without being merged`,
  ]);
  expect(scene.tracked('A1')).toMatchObject({ status: 'open', labels: ['needs-followup'] });
  expect(scene.tracked('A1').notes).toContain(`garland: not accepted: the pull request ${url} was closed`);
  expect(await scene.fetch()).toMatchObject({ ids: [], warnings: [] });
});

it('says when it cannot find out, and does the next time', async () => {
  const { scene } = await handOver();
  scene.server.tokens.clear();
  const [warning] = (await scene.fetch()).warnings;
  expect(warning).toMatch(/^whether A1 was merged can't be found out: /);
  scene.server.tokens.set('planted-token', 'me');
  scene.mergeBranch(BRANCH);
  expect((await scene.fetch()).ids).toEqual(['A2']);
});

it('closes it at once with close_when: pushed', async () => {
  const { scene, answer } = await handOver({ land: 'close_when: pushed' });
  expect(answer).toMatchObject({ outcome: 'succeeded', closedEpics: ['E'] });
  expect(scene.tracked('A1')).toMatchObject({ status: 'closed', labels: [] });
  expect((await scene.fetch()).ids).toEqual(['A2']);
  expect(gitIn(scene.top, 'rev-parse', BRANCH)).toBe(gitIn(scene.bare, 'rev-parse', BRANCH));
});

it('closes it at once when it is merged already, and its branch is gone', async () => {
  const scene = await ReviewScene.make(ISSUES);
  await scene.fetch(1);
  const verdict = await scene.work('A1', { 'a.txt': '1\n' });
  scene.mergeBranch(BRANCH, '--squash');
  scene.pulls.merge(1);
  gitIn(scene.other, 'push', '--quiet', 'origin', `:${BRANCH}`);
  expect(await scene.finalize('A1', closing(verdict))).toMatchObject({ outcome: 'succeeded', closedEpics: ['E'] });
});

it('sets it aside when the branch at the remote has lost the work', async () => {
  const scene = await ReviewScene.make(ISSUES);
  await scene.fetch(1);
  const verdict = await scene.work('A1', { 'a.txt': '1\n' });
  gitIn(scene.other, 'push', '--quiet', 'origin', `:${BRANCH}`);
  expect(await scene.finalize('A1', closing(verdict))).toMatchObject({ outcome: 'failed' });
  expect(scene.tracked('A1')).toMatchObject({ status: 'open', labels: ['needs-followup'] });
});
