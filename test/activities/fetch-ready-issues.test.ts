import { watch } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFetchReadyIssues, fetchReadyIssues as fetchFor } from '../../activities/fetch-ready-issues.js';
import { createProjects } from '../../activities/projects.js';
import { attemptFolder } from '../../src/agents/attempt-folder.js';
import type { FetchRequest } from '../../src/contract/activities.js';
import { addIssue } from '../github-server/state.js';
import { openTracker, startShop } from '../trackers/github-repository.js';

let dir: string;
const at = '2026-01-01T00:00:00Z';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'garland-fetch-'));
  await mkdir(join(dir, '.beads'));
  await writeFile(join(dir, 'WORKFLOW.md'), "---\nagent: {command: 'true'}\nworkspace: {kind: directory}\n---\n");
  await writeIssues(['a', 'b', 'c', 'd'].map((id) => ({ id })));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function writeIssues(issues: { id: string; [field: string]: unknown }[]): Promise<void> {
  const lines = issues.map((issue) =>
    JSON.stringify({
      title: issue.id,
      status: 'open',
      priority: 1,
      issue_type: 'task',
      created_at: at,
      updated_at: at,
      ...issue,
    }),
  );
  await writeFile(join(dir, '.beads/issues.jsonl'), `${lines.join('\n')}\n`);
}

function request(change: Partial<FetchRequest> = {}): FetchRequest {
  return {
    run: { runId: 'run-1', project: 'p', projectDir: dir },
    selection: { only: [], order: 'priority', wip_first: false, orphans_only: false, retry_failed: false },
    exclude: [],
    handled: [],
    limit: 500,
    take: 1,
    offers: true,
    recovers: false,
    watch: [],
    ...change,
  };
}

const idsOf = (issues: { id: string }[]) => issues.map(({ id }) => id);

test('takes as many as it is asked for, in order, and tells all that was ready', async () => {
  const page = await createFetchReadyIssues(createProjects())(request({ take: 2 }));
  expect(page.ids).toEqual(['a', 'b', 'c', 'd']);
  expect(idsOf(page.taken)).toEqual(['a', 'b']);
});

test('calls that come together never take the same issue', async () => {
  const fetchReadyIssues = createFetchReadyIssues(createProjects());
  const pages = await Promise.all([1, 2, 3, 4, 5].map(() => fetchReadyIssues(request())));
  expect(pages.flatMap(({ taken }) => idsOf(taken)).toSorted()).toEqual(['a', 'b', 'c', 'd']);
});

test('a refusal passes on to the next', async () => {
  const fetchReadyIssues = createFetchReadyIssues(createProjects());
  const alice = { status: 'in_progress', assignee: 'alice' };
  await writeIssues([{ id: 'a', ...alice }, { id: 'b' }]);
  // wip_first offers what is in progress; what has an assignee is somebody's.
  const selection = { ...request().selection, wip_first: true };
  const page = await fetchReadyIssues(request({ selection }));
  expect(idsOf(page.taken)).toEqual(['b']);
});

test('claims that are refused pass on to the next, and none is taken twice, however many calls come together', async () => {
  await writeIssues(Array.from({ length: 40 }, (_, index) => ({ id: `i${index}` })));
  const project = await createProjects().open({ projectDir: dir });
  const { tracker } = project;
  const isRefused = (id: string) => /[37]$/.test(id);
  const claim: typeof tracker.claim = async (id, ...rest) =>
    isRefused(id) ? { claimed: false, reason: 'somebody has it' } : tracker.claim(id, ...rest);
  const refusing = { ...project, tracker: { ...tracker, claim } };
  const pages = await Promise.all(Array.from({ length: 30 }, () => fetchFor(refusing, request())));
  const taken = pages.flatMap((page) => idsOf(page.taken));
  expect(taken).toHaveLength(30);
  expect(new Set(taken).size).toBe(30);
  expect(taken.filter(isRefused)).toEqual([]);
  for (const { ids, taken: mine, refused } of pages)
    expect(ids).toEqual(expect.arrayContaining(idsOf([...mine, ...refused])));
});

test('claims of calls that come together share writes of the file', async () => {
  await writeIssues(Array.from({ length: 40 }, (_, index) => ({ id: `i${index}` })));
  const project = await createProjects().open({ projectDir: dir });
  const changed: (string | null)[] = [];
  const watcher = watch(join(dir, '.beads'), (_event, name) => void changed.push(name));
  await Promise.all(Array.from({ length: 30 }, () => fetchFor(project, request())));
  // Events come late, and in order.
  await writeFile(join(dir, '.beads/last'), '');
  await expect.poll(() => changed).toContain('last');
  watcher.close();
  const writes = changed.filter((name) => name === 'issues.jsonl').length;
  expect(writes).toBeGreaterThan(0);
  expect(writes).toBeLessThan(10);
});

test('of more than GitHub can be asked for at once, each poll claims a part', async () => {
  const { server, repository } = await startShop();
  for (let number = 1; number <= 25; number += 1) addIssue(repository, { title: `I${number}` });
  const tracker = openTracker(server);
  const claim: typeof tracker.claim = async (id, ...rest) =>
    id === '3' ? { claimed: false, reason: 'taken' } : tracker.claim(id, ...rest);
  const project = { ...(await createProjects().open({ projectDir: dir })), tracker: { ...tracker, claim } };
  const together = await Promise.all([1, 2].map(() => fetchFor(project, request({ take: 100 }))));
  const taken = together.flatMap((page) => idsOf(page.taken));
  expect(taken.toSorted((a, b) => Number(a) - Number(b))).toEqual(['1', '2', '4', '5', '6', '7', '8', '9', '10', '11']);
  const next = await fetchFor(project, request({ take: 90, exclude: [...taken, '3'] }));
  expect(idsOf(next.taken)).toEqual(['12', '13', '14', '15', '16', '17', '18', '19', '20', '21']);
  // What is left is still offered.
  expect(next.ids).toContain('25');
});

test('what a call claimed whose answer was lost is taken by the next poll, and not by a finished issue looking for work', async () => {
  await createFetchReadyIssues(createProjects())(request({ take: 2 }));
  const after = createFetchReadyIssues(createProjects());
  expect(idsOf((await after(request({ take: 4 }))).taken)).toEqual(['c', 'd']);
  const page = await after(request({ take: 4, recovers: true, exclude: ['c', 'd'] }));
  expect(idsOf(page.taken)).toEqual(['a', 'b']);
});

test('an issue that this run has worked on is not taken again, whatever the tracker lists', async () => {
  await mkdir(attemptFolder(dir, 'run-1', 'a', 1), { recursive: true });
  const page = await createFetchReadyIssues(createProjects())(request());
  expect(page).toMatchObject({ stale: ['a'], ids: ['b', 'c', 'd'] });
  expect(idsOf(page.taken)).toEqual(['b']);
});

test('watching claims nothing and sees what was taken away', async () => {
  await writeIssues([{ id: 'a', status: 'closed' }, { id: 'b' }]);
  const page = await createFetchReadyIssues(createProjects())(request({ offers: false, watch: ['a', 'gone'] }));
  expect(page.withdrawn).toEqual([
    { id: 'a', reason: 'somebody set it to closed' },
    { id: 'gone', reason: 'it is gone from the tracker' },
  ]);
  expect(page.taken).toEqual([]);
});
