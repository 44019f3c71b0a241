import { expect, test } from 'vitest';
import { TrackerError, type Claim, type Tracker } from '../../src/trackers/tracker.js';
import { addComment, addIssue, touch, type Repository } from '../github-server/state.js';
import { openTracker, startShop, TOKEN } from './github-repository.js';

const run: Claim = { key: 'run-1', name: 'garland/api' };
const plain = { allowInProgress: false };

function addMany(repository: Repository, count: number): void {
  for (let number = 1; number <= count; number += 1) addIssue(repository, { title: `I${number}` });
}

const idsOf = async (tracker: Tracker): Promise<string[]> => (await tracker.list()).issues.map(({ id }) => id);
const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1));

async function failureOf(work: () => Promise<unknown>): Promise<TrackerError> {
  const error = await work().catch((thrown: unknown) => thrown);
  if (!(error instanceof TrackerError)) throw new Error(`expected a TrackerError, not ${String(error)}`);
  expect(error.message).not.toContain(TOKEN);
  expect(error.message).not.toContain('\n');
  return error;
}

test('every page is read, pull requests are no issues, and a second look finds that nothing has changed', async () => {
  const { server, repository } = await startShop();
  addMany(repository, 1_000);
  repository.issues[41]!.isPull = true;
  repository.issues[6]!.blockedBy = [1];
  repository.issues[7]!.parent = 1;
  const tracker = openTracker(server);
  const expected = numbers(1_000).filter((id) => id !== '42');
  expect(await idsOf(tracker)).toEqual(expected);
  const before = server.log.length;
  expect(await idsOf(tracker)).toEqual(expected);
  const asked = server.log.slice(before);
  // Ten pages of a hundred, a look at what follows the last full one, and the claims: of links nothing is asked.
  expect(asked.filter((line) => !line.endsWith(' 304'))).toHaveLength(1);
  expect(asked.length).toBeLessThanOrEqual(12);
});

test('links are asked for again only of issues that have changed', async () => {
  const { server, repository } = await startShop();
  addMany(repository, 20);
  for (const issue of repository.issues.slice(10)) issue!.blockedBy = [1];
  const tracker = openTracker(server);
  await tracker.list();
  repository.issues[12]!.blockedBy = [1, 2];
  touch(repository.issues[12]!);
  const before = server.log.length;
  const { issues } = await tracker.list();
  expect(issues[12]!.blockers).toEqual(['1', '2']);
  expect(server.log.slice(before).filter((line) => line.includes('blocked_by'))).toHaveLength(1);
});

test('the hundredth issue and the one after it are both found', async () => {
  const { server, repository } = await startShop();
  const tracker = openTracker(server);
  addMany(repository, 100);
  expect(await idsOf(tracker)).toEqual(numbers(100));
  addIssue(repository, { title: 'I101' });
  expect(await idsOf(tracker)).toEqual(numbers(101));
});

test('a page that fails fails the call, at whichever page it is', async () => {
  const { server, repository } = await startShop();
  addMany(repository, 250);
  for (const page of ['page=1', 'page=2', 'page=3', 'matching-refs']) {
    const on = page === 'page=1' ? /issues\?(?!.*&page=)/ : new RegExp(page);
    server.faults.plan({ fault: { kind: 'answer', status: 502 }, on, times: 1_000 });
    const error = await failureOf(() => openTracker(server).list());
    expect(error).toMatchObject({ permanent: false, message: expect.stringContaining('502') });
    server.faults.clear();
  }
});

test('issues that are deleted while the pages are read make no other one slip through', async () => {
  const { server, repository } = await startShop();
  addMany(repository, 250);
  let requests = 0;
  server.latency = () => {
    requests += 1;
    // Twice for each request: the first page was answered, and the second one is yet to be cut.
    if (requests === 3) repository.issues.splice(10, 1, undefined);
    return 0;
  };
  expect(await idsOf(openTracker(server))).toEqual(numbers(250).filter((id) => id !== '11'));
});

test('what labels, types, links and people say of an issue', async () => {
  const { server, repository } = await startShop();
  addIssue(repository, { title: 'Parent', labels: ['bug', 'P2'] });
  addIssue(repository, { title: 'Child', parent: 1, labels: ['enhancement', 'priority: high'], type: 'Bug' });
  addIssue(repository, {
    title: 'Waits',
    blockedBy: [2, 'shop/web#9'],
    labels: ['Blocked', 'type: Spike', 'p4', 'P3'],
  });
  addIssue(repository, { title: 'Later', labels: ['deferred', 'in-progress', 'priority: soon'], assignees: ['ann'] });
  const { issues, warnings } = await openTracker(server).list();
  expect(issues).toMatchObject([
    { id: '1', type: 'epic', priority: 2, status: 'open', parents: [], labels: ['bug', 'P2'] },
    { id: '2', type: 'bug', priority: 1, parents: ['1'], url: 'https://github.test/shop/api/issues/2' },
    { id: '3', type: 'spike', priority: 3, status: 'blocked', blockers: ['2', 'shop/web#9'] },
    { id: '4', status: 'deferred', priority: 0, assignee: 'ann' },
    // It isn't this repository's, and it is waited for.
    { id: 'shop/web#9', status: 'elsewhere' },
  ]);
  expect(warnings).toEqual(['the label priority: soon of 4 is no priority; it counts as 0']);
  expect(await openTracker(server).claim('3', run, plain)).toMatchObject({ claimed: false });
});

test('names of labels and what an epic is are settings; milestones can be epics, and are closed', async () => {
  const { server, repository } = await startShop();
  const at = '2026-01-01T00:00:00Z';
  repository.milestones.push({ number: 1, title: 'M', state: 'open', createdAt: at, updatedAt: at });
  addIssue(repository, { title: 'A', milestone: 1, labels: ['wip', 'someday'] });
  addIssue(repository, { title: 'B', parent: 1 });
  const provider = { epics: 'milestones', states: { in_progress: 'wip' }, priorities: { someday: 9 } };
  const tracker = openTracker(server, { provider });
  expect((await tracker.list()).issues).toMatchObject([
    { id: '1', type: 'task', status: 'in_progress', priority: 9, parents: ['milestone-1'] },
    { id: '2', parents: ['1'] },
    { id: 'milestone-1', type: 'epic', status: 'open', title: 'M' },
  ]);
  expect(await tracker.close('milestone-1', run, 'all')).toBe('done');
  expect(await tracker.close('milestone-1', run, 'all')).toBe('already');
  expect(repository.milestones[0]!.state).toBe('closed');
});

test('an issue that is worked on comes with what people and garland have said, and nobody is called by it', async () => {
  const { server, repository } = await startShop();
  const issue = addIssue(repository, { title: 'A' });
  addComment(issue, 'ann', 'Mind the gap');
  const tracker = openTracker(server);
  await tracker.claim('1', run, plain);
  await tracker.release('1', run, { label: 'needs-followup', note: 'gate: @bob ``` failed' });
  expect(issue.comments[1]!.body).toMatch(/^````text\ngate: @bob ``` failed\n````\n<!-- garland run=run-1 /);
  const { issue: claimed } = (await tracker.claim('1', { ...run, key: 'run-2' }, plain)) as {
    issue: { notes: string };
  };
  expect(claimed.notes).toMatch(/^ann, \d{4}-\d\d-\d\d:\nMind the gap\n\ngate: @bob ``` failed$/);
});

test.each([
  ['the primary limit', () => undefined, /rate limit is reached: waiting \d s/],
  ['a secondary limit with 403', { status: 403 }, /secondary rate limit is reached: waiting 1 s/],
  ['a secondary limit with 429', { status: 429 }, /secondary rate limit is reached: waiting 1 s/],
])('%s is waited for, and told', async (_what, limited, told) => {
  const { server, repository } = await startShop();
  addMany(repository, 3);
  if (typeof limited === 'function') server.limit = { remaining: 1, reset: Math.ceil(Date.now() / 1_000) + 1 };
  else {
    const body = { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' };
    server.faults.plan({ fault: { kind: 'answer', ...limited, body, headers: { 'retry-after': '1' } } });
  }
  const tracker = openTracker(server, { pace: { unthrottled: true, secondMs: 1_000 } });
  const { issues, warnings } = await tracker.list();
  expect(issues).toHaveLength(3);
  expect(warnings.join('\n')).toMatch(told);
  expect((await tracker.list()).warnings).toEqual([]);
});

test("a limit that lasts for an hour isn't waited for: the call fails, says when it ends, and may be made again", async () => {
  const { server, repository } = await startShop();
  addMany(repository, 3);
  const reset = Math.ceil(Date.now() / 1_000) + 3_600;
  server.limit = { remaining: 0, reset };
  const error = await failureOf(() => openTracker(server).list());
  expect(error.permanent).toBe(false);
  const [, told = ''] = /is reset at (\S+)Z/.exec(error.message) ?? [];
  // GitHub's clock, which has no milliseconds, is what counts.
  expect(Math.abs(Date.parse(`${told}Z`) - reset * 1_000)).toBeLessThan(5_000);
  expect(error.retryAfterMs).toBeGreaterThan(3_500_000);
});

test.each(['-5', 'soon', '99999999999', '0'])(
  'a limit with the nonsense time %s is one without a time',
  async (time) => {
    const { server } = await startShop();
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': time };
    const body = { message: 'API rate limit exceeded' };
    server.faults.plan({ fault: { kind: 'answer', status: 403, body, headers }, times: 100 });
    const error = await failureOf(() => openTracker(server, { pace: { unthrottled: true, secondMs: 1 } }).list());
    expect(error.permanent).toBe(false);
    expect(error.retryAfterMs).toBeUndefined();
    expect(error.message).toMatch(/its rate limit is reached$/);
  },
);

test.each([
  ['an error of the server', { kind: 'answer', status: 500 }],
  ['a gateway that sends a page', { kind: 'garbage', status: 503, text: '<html>' }],
  ['a connection that is cut', { kind: 'cut' }],
  ['a server that says nothing', { kind: 'hang' }],
] as const)('%s is tried again', async (_what, fault) => {
  const { server, repository } = await startShop();
  addMany(repository, 3);
  server.faults.plan({ fault, times: fault.kind === 'hang' ? 1 : 2 });
  const tracker = openTracker(server, { pace: { unthrottled: true, secondMs: 5, timeoutMs: 2_000 } });
  expect(await idsOf(tracker)).toEqual(['1', '2', '3']);
});

test.each([
  ['no JSON', 'Not what you think', /isn't what its API promises/],
  ['JSON of another kind', '{"message": "hello"}', /isn't what its API promises/],
  ['an issue without a number', '[{"title": "T"}]', /0\.number/],
])('an answer that is %s is an error, and no empty list', async (_what, text, message) => {
  const { server } = await startShop();
  server.faults.plan({ fault: { kind: 'garbage', status: 200, text }, times: 100 });
  const error = await failureOf(() => openTracker(server).list());
  expect(error).toMatchObject({ permanent: false, message: expect.stringMatching(message) });
});

test('a wrong token, a repository that may not be seen or written, is gone, renamed, or without issues', async () => {
  const { server, repository } = await startShop();
  addMany(repository, 1);
  const listing = (options = {}) => failureOf(() => openTracker(server, options).list());
  expect(await listing({ token: 'ghp_wrong' })).toMatchObject({
    permanent: true,
    message: expect.stringMatching(/401.*token is wrong/),
  });
  expect(await listing({ repository: 'shop/none' })).toMatchObject({
    permanent: true,
    message: expect.stringMatching(/^shop\/none: .*404.*may not see it/),
  });
  repository.access.set('robot', 'read');
  const refused = await failureOf(() => openTracker(server).claim('1', run, plain));
  expect(refused).toMatchObject({
    permanent: true,
    message: expect.stringMatching(/403.*Issues and Contents.*Pull requests/),
  });
  repository.hasIssues = false;
  expect(await listing()).toMatchObject({ permanent: true, message: expect.stringMatching(/410.*turned off/) });
  repository.movedTo = 'shop/backend';
  expect(await listing()).toMatchObject({ permanent: true, message: expect.stringMatching(/301.*shop\/backend/) });
  const claim = await failureOf(() => openTracker(server).claim('1', run, plain));
  expect(claim.message).toMatch(/301/);
});

test.each([
  ['deleted', (repository: Repository) => (repository.issues[0] = undefined)],
  ['transferred', (repository: Repository) => (repository.issues[0]!.movedTo = 'shop/web#1')],
])('an issue that is %s while an agent works on it is gone', async (_what, take) => {
  const { server, repository } = await startShop();
  addMany(repository, 2);
  const tracker = openTracker(server);
  await tracker.claim('1', run, plain);
  take(repository);
  expect(await idsOf(tracker)).toEqual(['2']);
  expect(await tracker.close('1', run, 'landed')).toBe('gone');
  expect(await tracker.release('1', run)).toBe('gone');
  expect(await tracker.claim('1', run, plain)).toMatchObject({ claimed: false, reason: '1 is not in the tracker' });
});

test("what readers don't see yet of a claim isn't taken for somebody's having undone it", async () => {
  const { server, repository } = await startShop();
  addMany(repository, 1);
  const tracker = openTracker(server);
  await tracker.claim('1', run, plain);
  const { labels, assignees } = repository.issues[0]!;
  const refs = new Map(repository.refs);
  Object.assign(repository.issues[0]!, { labels: [], assignees: [] });
  for (const ref of refs.keys()) if (ref.startsWith('refs/garland/')) repository.refs.delete(ref);
  const claimed = { status: 'in_progress', claimedBy: run.key, assignee: run.name };
  expect((await tracker.list()).issues).toMatchObject([claimed]);
  Object.assign(repository.issues[0]!, { labels, assignees });
  for (const [ref, sha] of refs) repository.refs.set(ref, sha);
  expect((await tracker.list()).issues).toMatchObject([claimed]);
  expect(await tracker.release('1', run)).toBe('done');
  expect((await tracker.list()).issues).toMatchObject([{ status: 'open', claimedBy: undefined }]);
});

test('a repository without a commit says why nothing can be claimed in it', async () => {
  const { server, repository } = await startShop();
  addMany(repository, 1);
  repository.refs.clear();
  expect((await failureOf(() => openTracker(server).claim('1', run, plain))).message).toMatch(
    /GET branches\/main.*404/,
  );
});

test.each(['pull request', '-1', '1.5', '0', 'x', '', '../1', '99999999999999999999'])(
  'there is no issue %s',
  async (id) => {
    const { server, repository } = await startShop();
    addIssue(repository, { title: 'P', isPull: true });
    const name = id === 'pull request' ? '1' : id;
    expect(await openTracker(server).claim(name, run, plain)).toMatchObject({ claimed: false });
    expect(await openTracker(server).close(name, run, 'x')).toBe('gone');
    expect(server.log.filter((line) => /^(POST|PATCH)/.test(line))).toEqual([]);
  },
);
