import { expect, test } from 'vitest';
import { selectReady, type SelectOptions } from '../../src/trackers/select-ready.js';
import type { Issue } from '../../src/trackers/tracker.js';
import { january, makeEpic, makeIssue } from './make-issue.js';

const defaults: SelectOptions = {
  only: [],
  order: 'priority',
  wipFirst: false,
  orphansOnly: false,
  requiredLabels: [],
  retryFailed: false,
  exclude: new Set(),
  alreadyHandled: new Set(),
};

function select(issues: Issue[], options: Partial<SelectOptions> = {}, listed: string[] = []) {
  const { ready, warnings } = selectReady({ issues, warnings: listed }, { ...defaults, ...options });
  return { ids: ready.map(({ id }) => id), warnings };
}

test('ready is open, not an epic, and with every blocker closed', () => {
  const issues = [
    makeIssue('free'),
    makeEpic('epic'),
    makeIssue('waits', { blockers: ['free'] }),
    makeIssue('waited', { blockers: ['done', 'deleted'] }),
    makeIssue('half', { blockers: ['done', 'free'] }),
    makeIssue('done', { status: 'closed' }),
    makeIssue('deleted', { status: 'tombstone' }),
    ...['in_progress', 'blocked', 'deferred', 'pinned', 'hooked', 'strange'].map((status) =>
      makeIssue(status, { status }),
    ),
  ];
  expect(select(issues)).toEqual({ ids: ['free', 'waited'], warnings: [] });
});

test.each(['in_progress', 'blocked', 'deferred', 'pinned', 'hooked', 'strange'])('%s blocks', (status) => {
  expect(select([makeIssue('a', { blockers: ['b'] }), makeIssue('b', { status })]).ids).toEqual([]);
});

test('a parent does not block, and a link that leads nowhere neither', () => {
  const issues = [
    makeIssue('parent', { status: 'in_progress' }),
    makeIssue('child', { parents: ['parent'] }),
    makeIssue('x', { blockers: ['no'] }),
  ];
  expect(select(issues).ids).toEqual(['child', 'x']);
});

test("the listing's warnings are passed on", () => {
  expect(select([], {}, ['careful'])).toEqual({ ids: [], warnings: ['careful'] });
});

test('only the asked types; an epic never', () => {
  const issues = [makeIssue('t'), makeIssue('b', { type: 'bug' }), makeIssue('s', { type: 'spike' }), makeEpic('e')];
  expect(select(issues).ids).toEqual(['t', 'b', 's']);
  expect(select(issues, { types: ['bug', 'epic'] }).ids).toEqual(['b']);
  expect(select(issues, { types: [] }).ids).toEqual([]);
});

test('needs-followup is left alone unless failed issues are retried', () => {
  const issues = [makeIssue('a', { labels: ['x', 'needs-followup'] }), makeIssue('b')];
  expect(select(issues).ids).toEqual(['b']);
  expect(select(issues, { retryFailed: true }).ids).toEqual(['a', 'b']);
});

test('all required labels have to be there', () => {
  const issues = [makeIssue('a', { labels: ['x', 'y', 'z'] }), makeIssue('b', { labels: ['x'] }), makeIssue('c')];
  expect(select(issues, { requiredLabels: ['y', 'x'] }).ids).toEqual(['a']);
  expect(select(issues, { requiredLabels: ['Y ', 'X'] }).ids).toEqual(['a']);
  expect(select(issues, { requiredLabels: [' '] }).ids).toEqual([]);
});

test('states can be named by the configuration', () => {
  const issues = [
    makeIssue('a', { status: 'Todo', blockers: ['c'] }),
    makeIssue('b'),
    makeIssue('c', { status: 'shipped' }),
    makeIssue('d', { status: 'todo', blockers: ['e'] }),
    makeIssue('e', { status: 'closed' }),
  ];
  expect(select(issues, { activeStates: ['todo'], terminalStates: ['Shipped'] }).ids).toEqual(['a']);
});

test("in_progress as an active state still takes nobody's work away", () => {
  const issues = [
    makeIssue('a', { status: 'in_progress' }),
    makeIssue('b', { status: 'in_progress', assignee: 'ann' }),
  ];
  expect(select(issues, { activeStates: ['open', 'in_progress'] }).ids).toEqual(['a']);
});

const family = [
  makeEpic('e'),
  makeIssue('child', { parents: ['e'] }),
  makeIssue('grandchild', { parents: ['child'] }),
  makeEpic('inner', { parents: ['e'] }),
  makeIssue('deep', { parents: ['inner'] }),
  makeIssue('stranger'),
  makeIssue('blocked-by-epic', { blockers: ['e'] }),
];

test('an epic limits to its descendants at any depth', () => {
  expect(select(family, { epic: 'e' })).toEqual({ ids: ['child', 'grandchild', 'deep'], warnings: [] });
  expect(select(family, { epic: 'inner' })).toEqual({ ids: ['deep'], warnings: [] });
  expect(select(family, { epic: 'child' })).toEqual({ ids: ['grandchild'], warnings: [] });
});

test('an epic without descendants, or that is not there: nothing, with a warning', () => {
  expect(select(family, { epic: 'stranger' })).toEqual({ ids: [], warnings: [expect.stringContaining('stranger')] });
  expect(select(family, { epic: 'nowhere' })).toEqual({ ids: [], warnings: [expect.stringContaining('nowhere')] });
});

test("wip_first also takes issues in progress that are nobody else's and that nothing blocks", () => {
  const wip = { status: 'in_progress' } as const;
  const issues = [
    makeIssue('open'),
    makeIssue('free', wip),
    makeIssue('unassigned', { ...wip, assignee: '' }),
    makeIssue('ann', { ...wip, assignee: 'ann' }),
    makeIssue('run', { ...wip, claimedBy: 'other run' }),
    makeIssue('ours', { ...wip, claimedBy: 'this run', assignee: 'garland' }),
    makeIssue('waits', { ...wip, blockers: ['open'] }),
    makeIssue('failed', { ...wip, labels: ['needs-followup'] }),
    makeEpic('epic', wip),
  ];
  const isOurs = (issue: Issue): boolean => issue.claimedBy === 'this run';
  expect(select(issues).ids).toEqual(['open']);
  expect(select(issues, { wipFirst: true }).ids).toEqual(['free', 'unassigned', 'open']);
  expect(select(issues, { wipFirst: true, isOurs }).ids).toEqual(['free', 'unassigned', 'ours', 'open']);
});

test('only restricts, and one warning names in order what is not in the list', () => {
  const issues = [
    makeIssue('a'),
    makeIssue('b'),
    makeIssue('c', { status: 'closed' }),
    makeIssue('d', { status: 'closed' }),
  ];
  const { ids, warnings } = select(issues, { only: ['z', 'd', 'b', 'c', 'c', 'Z'], alreadyHandled: new Set(['d']) });
  expect(ids).toEqual(['b']);
  expect(warnings).toEqual([expect.stringMatching(/: Z, c, z$/)]);
});

test('an empty only is no restriction, and what is handled gives no warning', () => {
  expect(select([makeIssue('a')], { only: [] })).toEqual({ ids: ['a'], warnings: [] });
  expect(select([], { only: ['a'], alreadyHandled: new Set(['a']) })).toEqual({ ids: [], warnings: [] });
});

test('what is excluded is not offered, and is no reason for a warning', () => {
  expect(select([makeIssue('a'), makeIssue('b')], { only: ['a', 'b'], exclude: new Set(['a']) })).toEqual({
    ids: ['b'],
    warnings: [],
  });
});

test.each([
  ['blocked', { status: 'blocked' }, []],
  ['deferred', { status: 'deferred' }, []],
  ['waiting for an open issue', { blockers: ['x'] }, []],
  ['waiting for a closed issue', { blockers: ['y'] }, ['a', 'b']],
  ['in progress', { status: 'in_progress' }, ['a', 'b']],
  ['closed', { status: 'closed' }, ['a', 'b']],
])('an epic that is %s: what becomes of its issues', (_what, fields, ids) => {
  const issues = [
    makeEpic('e', fields),
    makeIssue('a', { parents: ['e'] }),
    makeIssue('b', { parents: ['a'] }),
    makeIssue('x', { type: 'chore' }),
    makeIssue('y', { status: 'closed' }),
  ];
  expect(select(issues, { types: ['task'] }).ids).toEqual(ids);
});

test('only the nearest epic counts when one further up is blocked', () => {
  const issues = [
    makeEpic('top', { status: 'blocked' }),
    makeEpic('inner', { parents: ['top'] }),
    makeIssue('a', { parents: ['inner'] }),
    makeIssue('b', { parents: ['top'] }),
    makeIssue('c', { parents: ['inner', 'top'] }),
    makeIssue('d', { parents: ['top', 'inner'] }),
  ];
  expect(select(issues).ids).toEqual(['a', 'c']);
});

test('orphans_only takes issues without a parent epic; a plain parent is none', () => {
  const issues = [
    makeEpic('e'),
    makeIssue('a', { parents: ['e'] }),
    makeIssue('b', { parents: ['a'] }),
    makeIssue('c'),
    makeIssue('d', { parents: ['c'] }),
    makeIssue('x', { parents: ['nowhere'] }),
  ];
  expect(select(issues, { orphansOnly: true }).ids).toEqual(['c', 'd', 'x']);
});

const rows = [
  makeIssue('a', { priority: 3, parents: ['E1'], updatedAt: january(1) }),
  makeIssue('b', { priority: 1, parents: ['E2'], updatedAt: january(2) }),
  makeIssue('c', { priority: 0, parents: ['E1'], updatedAt: january(3) }),
  makeIssue('d', { priority: 2, parents: ['E2'], updatedAt: january(4) }),
  makeIssue('o', { priority: 1, updatedAt: january(9) }),
  makeEpic('E1'),
  makeEpic('E2'),
];
const inProgress = (ids: string): Issue[] =>
  rows.map((row) => (ids.split(' ').includes(row.id) ? { ...row, status: 'in_progress' } : row));
const tied = ['z', 'm', 'a'].map((id) => makeIssue(id, { priority: 1, updatedAt: january(1) }));
const orphansFirst = [
  makeIssue('o1', { priority: 2, updatedAt: january(1) }),
  makeIssue('o2', { priority: 0, updatedAt: january(1) }),
  makeIssue('x', { priority: 1, parents: ['E1'], updatedAt: january(1) }),
  makeIssue('y', { priority: 0, parents: ['E1'], updatedAt: january(9) }),
  makeEpic('E1'),
];

test.each<[string, Issue[], Partial<SelectOptions>, string]>([
  ['epic', rows, { order: 'epic' }, 'c a o b d'],
  ['priority', rows, { order: 'priority' }, 'c b o d a'],
  ['epic, wip first, a and d in progress', inProgress('a d'), { order: 'epic', wipFirst: true }, 'a d c o b'],
  ['input, only d,a,c', rows, { order: 'input', only: ['d', 'a', 'c'] }, 'd a c'],
  ['input, a repeated id takes its last position', rows, { order: 'input', only: ['d', 'a', 'd', 'c'] }, 'a d c'],
  ['input, wip first', inProgress('c'), { order: 'input', only: ['d', 'a', 'c'], wipFirst: true }, 'c d a'],
  ['focus', rows, { order: 'focus' }, 'c a'],
  ['focus, the first epic done', rows.filter(({ id }) => id !== 'a' && id !== 'c'), { order: 'focus' }, 'o'],
  ['epic, full ties', tied, { order: 'epic' }, 'z m a'],
  ['priority, full ties', tied, { order: 'priority' }, 'z m a'],
  ['epic, orphans listed first', orphansFirst, { order: 'epic' }, 'y x o2 o1'],
  ['focus, nothing ready', [], { order: 'focus' }, ''],
])('%s', (_mode, issues, options, ids) => {
  expect(select(issues, options).ids.join(' ')).toBe(ids);
});

test('ranked anew on every poll: with one agent, a c d b', () => {
  let issues = [
    makeEpic('E1'),
    makeEpic('E2'),
    makeIssue('a', { priority: 0, parents: ['E1'] }),
    makeIssue('b', { priority: 3, parents: ['E1'] }),
    makeIssue('c', { priority: 1, parents: ['E2'] }),
    makeIssue('d', { priority: 2, parents: ['E2'] }),
  ];
  const run: string[] = [];
  for (let [next] = select(issues, { order: 'epic' }).ids; next; [next] = select(issues, { order: 'epic' }).ids) {
    run.push(next);
    issues = issues.map((issue) => (issue.id === next ? { ...issue, status: 'closed' } : issue));
  }
  expect(run).toEqual(['a', 'c', 'd', 'b']);
});

test('updates are compared as instants, and a missing one comes last', () => {
  const issues = [
    makeIssue('missing'),
    makeIssue('unreadable', { updatedAt: 'today' }),
    makeIssue('early', { updatedAt: '2026-01-02T23:00:00+14:00' }),
    makeIssue('late', { updatedAt: '2026-01-02T10:00:00.000001Z' }),
    makeIssue('between', { updatedAt: '2026-01-02T10:00:00Z' }),
  ];
  expect(select(issues, { order: 'epic' }).ids).toEqual(['late', 'between', 'early', 'missing', 'unreadable']);
});

test('10,000 issues in a deep and tangled tracker are a matter of moments', () => {
  const count = 10_000;
  const issues = Array.from({ length: count }, (_, index) =>
    makeIssue(`i${index}`, {
      type: index % 100 === 0 ? 'epic' : 'task',
      // A chain of plain parents below each epic, and one circle through everything.
      parents: [`i${index === 0 ? count - 1 : index - 1}`],
      blockers: index % 2 === 0 ? [] : [`i${(index * 7) % count}`, `i${(index * 13 + 1) % count}`],
      updatedAt: january(1 + (index % 28)),
    }),
  );
  const started = performance.now();
  const { ids } = select(issues, { order: 'epic', epic: 'i0' });
  expect(ids.length).toBeGreaterThan(1_000);
  // Some 50 ms alone; a quadratic search would take many seconds.
  expect(performance.now() - started).toBeLessThan(2_000);
});
