import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readPage, readShown } from '../../src/trackers/beads-answers.js';
import { readReason } from '../../src/trackers/beads-failure.js';

/** What br 0.7.6 printed for a project of four issues. */
const recorded = (name: string): string =>
  readFileSync(new URL(`../fixtures/trackers/br/${name}`, import.meta.url), 'utf8');

test('a list tells what an issue is, and how many links it has', () => {
  const { rows, hasMore, total } = readPage(recorded('list.json'), 'list');
  expect([rows.length, hasMore, total]).toEqual([4, false, 4]);
  const byTitle = new Map(rows.map((row) => [row.entry.issue.title, row]));
  expect(byTitle.get('Test it')).toMatchObject({
    hasLinks: false,
    linkCount: 2,
    entry: { issue: { labels: ['x', 'y'], status: 'open' } },
  });
  expect(byTitle.get("Show the cart's total")?.entry.issue).toMatchObject({
    priority: 1,
    description: '- a list',
    type: 'task',
  });
  expect(byTitle.get('The shop')?.entry.issue).toMatchObject({ type: 'epic', priority: 2 });
  expect(byTitle.get('Old')?.entry.issue).toMatchObject({ status: 'closed' });
  for (const { entry } of rows) expect(Date.parse(entry.issue.updatedAt!)).not.toBeNaN();
});

test('pages are told from a whole list', () => {
  const pages = ['list-page-1.json', 'list-page-2.json'].map((name) => readPage(recorded(name), 'list'));
  expect(pages.map(({ hasMore, total }) => [hasMore, total])).toEqual([
    [true, 4],
    [false, 4],
  ]);
  const ids = pages.flatMap(({ rows }) => rows.map(({ id }) => id));
  expect(ids).toEqual(readPage(recorded('list.json'), 'list').rows.map(({ id }) => id));
});

test('show tells the links, and the states at their other ends', () => {
  const [epic, first, second] = readShown(recorded('show.json'), 'show');
  expect(first?.entry.issue).toMatchObject({ parents: [epic!.id], blockers: [] });
  expect(second?.entry.issue).toMatchObject({ parents: [epic!.id], blockers: [first!.id] });
  expect(second?.linkedStates).toEqual(
    new Map([
      [epic!.id, 'open'],
      [first!.id, 'open'],
    ]),
  );
  // As the file has them: what a list leaves out is all that show adds.
  const listed = readPage(recorded('list.json'), 'list').rows.find(({ id }) => id === second!.id);
  expect({
    ...listed?.entry.issue,
    parents: second?.entry.issue.parents,
    blockers: second?.entry.issue.blockers,
  }).toEqual(second?.entry.issue);
});

test('a claim is a label that is not among the labels', () => {
  const [claimed] = readPage(recorded('list-claimed.json'), 'list').rows.filter(
    ({ claimLabels }) => claimLabels.length > 0,
  );
  expect(claimed?.claimLabels).toEqual(['garland:7c9e6679-7425-40de-944b-e07fc1f90ae7:aB3_-']);
  expect(claimed?.entry.issue).toMatchObject({ status: 'in_progress', assignee: 'garland/shop', labels: [] });
});

test.each([
  ['show-missing.json', 3, 'missing'],
  ['update-changed.json', 6, 'changed'],
  ['update-blocked.json', 4, 'refused'],
  ['list-not-initialized.json', 2, 'mend'],
])('%s says why', (name, exitCode, kind) => {
  const reason = readReason(exitCode, recorded(name), '');
  expect(reason.kind).toBe(kind);
  expect(reason.message).not.toMatch(/[{}\n]/);
});
