import { expect, it } from 'vitest';
import { findRepository } from '../../src/reviews/open-reviews.js';
import { describeWork, replaceOwnPart } from '../../src/reviews/describe-work.js';
import { makeIssue } from '../trackers/make-issue.js';
import { gitIn } from '../workspaces/project.js';
import { BRANCH, ReviewScene } from './review-scene.js';

const ISSUES = [{ id: 'A1' }];
const pullsOf = ({ pulls }: ReviewScene) => pulls.pulls.map(({ issue, head, base }) => ({ ...issue, head, base }));

it('opens a pull request with the issue, what the agent said and what the gate printed', async () => {
  const scene = await ReviewScene.make(ISSUES, { verify: "['echo 12 tests passed']" });
  scene.edit('A1', { description: 'Add @all up.\n```\nfixes #1\n```' });
  const verdict = await scene.work('A1', { 'a.txt': '1\n' }, { said: 'Summed. Closes #2' });
  const commit = gitIn(scene.bare, 'rev-parse', BRANCH);
  expect(verdict).toMatchObject({ accepted: true, landing: 'pushed', commit });
  expect(verdict.reason).toMatch(
    /^pushed to origin on garland\/issue\/A1 as \w{12}, https:\/\/github.test\/shop\/api\/pull\/1$/,
  );
  const [pull] = pullsOf(scene);
  expect(pull).toMatchObject({ title: 'A1: Sum up', head: BRANCH, base: 'main', state: 'open', author: 'me' });
  expect(pull?.body).toContain('Issue `A1`');
  expect(pull?.body).toContain('````text\nAdd @all up.\n```\nfixes #1\n```\n````');
  expect(pull?.body).toContain('```text\nSummed. Closes #2\n```');
  expect(pull?.body).toContain('```text\necho 12 tests passed\n```');
  expect(pull?.body).toContain('```text\n12 tests passed\n```');
});

it('brings the one that there is up to date, and leaves to people what they wrote', async () => {
  const scene = await ReviewScene.make(ISSUES);
  await scene.work('A1', { 'a.txt': '1\n' }, { said: 'First.' });
  const [stored] = scene.pulls.pulls;
  Object.assign(stored!.issue, { title: 'A better title', body: `Please look!\n\n${stored!.issue.body}\n\nThanks.` });
  await scene.work('A1', { 'b.txt': '2\n' }, { attempt: 2, said: 'Second.' });
  const pulls = pullsOf(scene);
  expect(pulls).toHaveLength(1);
  expect(pulls[0]?.title).toBe('A better title');
  expect(pulls[0]?.body).toMatch(/^Please look!\n\n<!-- garland.*Second\..*-->\n\nThanks\.$/s);
  expect(pulls[0]?.body).not.toContain('First.');
});

it('opens none twice when the answer is lost, GitHub stumbles, or the work is verified again', async () => {
  const scene = await ReviewScene.make(ISSUES);
  scene.server.faults.plan({ on: /^POST .*pulls/, fault: { kind: 'lose answer' } });
  scene.server.faults.plan({ on: /^GET .*pulls/, fault: { kind: 'answer', status: 502 }, after: 1 });
  expect(await scene.work('A1', { 'a.txt': '1\n' })).toMatchObject({ accepted: true });
  expect(await scene.verify('A1')).toMatchObject({ accepted: true });
  expect(pullsOf(scene)).toHaveLength(1);
});

it('opens a new one after one that was closed, and none after one that was merged with all of it', async () => {
  const scene = await ReviewScene.make(ISSUES);
  await scene.work('A1', { 'a.txt': '1\n' });
  scene.pulls.close(1);
  await scene.work('A1', { 'b.txt': '1\n' }, { attempt: 2 });
  expect(pullsOf(scene).map(({ state }) => state)).toEqual(['closed', 'open']);
  scene.pulls.merge(2);
  expect((await scene.verify('A1', { attempt: 2 })).reason).toContain('/pull/2');
  expect(pullsOf(scene)).toHaveLength(2);
});

it.each([
  ['the token is wrong', (scene: ReviewScene) => scene.server.tokens.clear(), /401|token/],
  [
    'the token may only read',
    ({ server }: ReviewScene) => server.repositories[0]?.access.set('me', 'read'),
    /may not write/,
  ],
  ['the repository is gone', ({ server }: ReviewScene) => (server.repositories.length = 0), /shop\/api/],
])('says before anything starts that %s', async (_, spoil, message) => {
  const scene = await ReviewScene.make(ISSUES);
  spoil(scene);
  const error = await (await scene.open()).reviews?.check().catch((thrown: unknown) => thrown);
  expect(String(error)).toMatch(/^UserError: land\.strategy pr: /);
  expect(String(error)).toMatch(message);
  expect(String(error)).not.toContain('planted-token');
});

it('rejects work whose pull request GitHub refuses, for a person to mend it', async () => {
  const scene = await ReviewScene.make(ISSUES);
  scene.repository.access.set('me', 'read');
  const verdict = await scene.work('A1', { 'a.txt': '1\n' });
  expect(verdict).toMatchObject({ accepted: false, kind: 'unpublished' });
  expect(verdict.reason).toMatch(
    /^pushed to origin on garland\/issue\/A1 as \w{12}; land\.strategy pr: shop\/api: POST pulls: .*403.*Pull requests/,
  );
});

it('pushes alone where there is no GitHub', async () => {
  const scene = await ReviewScene.make(ISSUES, { github: false });
  await (await scene.open()).reviews?.check();
  expect((await scene.work('A1', { 'a.txt': '1\n' })).reason).toMatch(/^pushed to origin on \S+ as \w{12}$/);
  expect(scene.server.log).toEqual([]);
});

it.each([
  ['https://github.com/shop/api/issues/7', true, 'Closes #7'],
  ['https://github.com/shop/api/issues/7', false, 'For #7'],
  ['https://github.com/other/api/issues/7', true, 'Issue `7`: <https://github.com/other/api/issues/7>'],
  ['javascript:alert(1)', true, 'Issue `7`'],
])('refers to the issue at %s', (url, closes, line) => {
  const issue = makeIssue('7', { url });
  const work = { issue, issueId: '7', issueTitle: 'T', repository: 'Shop/api', gate: [], closes };
  expect(describeWork(work).body.split('\n\n')[1]).toBe(line);
});

it('is never longer than GitHub takes, whatever there is to say', async () => {
  const commands = Array.from({ length: 40 }, (_, index) => `"seq ${index} 1500"`);
  const scene = await ReviewScene.make(ISSUES, { verify: `[${commands.join(', ')}]` });
  scene.edit('A1', { description: '`'.repeat(20_000) });
  expect(await scene.work('A1', { 'a.txt': '1\n' }, { said: '`'.repeat(2_000) })).toMatchObject({ accepted: true });
  const [{ issue } = { issue: undefined }] = scene.pulls.pulls;
  expect(issue?.body?.length).toBeLessThan(51_000);
  expect(issue?.body).toMatch(/seq 0 1500.*\n\nThere is no room here for \d+ more\.\n\n<!-- garland: end -->$/s);
  // Nor when people have filled the rest of it.
  issue!.body += 'x'.repeat(65_536 - issue!.body!.length);
  const before = issue!.body;
  expect(await scene.work('A1', { 'b.txt': '1\n' }, { attempt: 2, said: '`'.repeat(2_010) })).toMatchObject({
    accepted: true,
  });
  expect(issue!.body).toBe(before);
});

it.each([
  ['git@github.com:shop/api.git', 'shop/api'],
  ['ssh://git@ssh.github.com:443/shop/api.git', 'shop/api'],
  ['https://www.github.com/shop/api', 'shop/api'],
  ['https://github.com.example.org/shop/api', undefined],
])('opens them where the remote is on GitHub: %s', async (address, repository) => {
  const scene = await ReviewScene.make(ISSUES, { github: false });
  scene.git('remote', 'set-url', 'origin', address);
  const { config, workspaces } = await scene.open();
  expect(await findRepository(config, workspaces.remote!)).toBe(repository);
});

it.each([
  ['fixes #1', 'fixes # 1'],
  ['Say why (Closes: #12, resolved shop/api#3)', 'Say why (Closes: # 12, resolved shop/api# 3)'],
  [
    'close GH-4 and fix https://github.com/shop/api/issues/5',
    'close GH- 4 and fix https://github.com/shop/api/issues/ 5',
  ],
  ['prefixes #1, fixes the #2 bug, for #3', 'prefixes #1, fixes the #2 bug, for #3'],
])('closes nothing by a title: %s', (issueTitle, title) => {
  const work = { issue: undefined, issueId: '7', issueTitle, repository: 'shop/api', gate: [], closes: true };
  expect(describeWork(work).title).toBe(`7: ${title}`);
});

it('keeps a text of people alone', () => {
  expect(replaceOwnPart('Mine.', 'garland')).toBe('Mine.');
});
