import { describe, expect, test } from 'vitest';
import type { Claim, Issue, Tracker } from '../../src/trackers/tracker.js';
import { IN_REVIEW, NEEDS_FOLLOWUP } from '../../src/trackers/tracker.js';
import { makeTemporaryFolder } from '../files/temporary-folder.js';
import { january, makeEpic, makeIssue } from './make-issue.js';

/** What a tracker's own test has to provide. */
export interface TrackerUnderTest {
  tracker: Tracker;
  /** Another one over the same issues, as another process would have. */
  another: () => Tracker;
  /** What a person does with the tracker's own means, behind garland's back. */
  edit: (id: string, fields: Partial<Pick<Issue, 'status' | 'assignee' | 'labels'>>) => Promise<void>;
  /** Takes an issue away altogether. */
  remove: (id: string) => Promise<void>;
  /** A workspace in which an agent has added these issues to what the tracker has. Without: a workspace has no copy of it. */
  makeWorkspace?: (added: Issue[]) => Promise<string>;
  /** An issue's notes, where they are no part of the listing. */
  notesOf?: (id: string) => Promise<string>;
}

export interface ContractOptions {
  /** How many issues are written to at the same time: fewer where each write is a program's or a server's. @default 300 */
  many?: number;
  /** Whether it can hold links to what it doesn't have. @default true */
  dangling?: boolean;
  /** Whether design, acceptance criteria and notes are texts of their own in the listing. @default true */
  texts?: boolean;
}

const run: Claim = { key: 'run-1', name: 'garland/project' };
const laterRun: Claim = { key: 'run-2', name: 'garland/project' };
const stranger: Claim = { key: 'run-3', name: 'garland/other' };
const plain = { allowInProgress: false };
/** In whatever order the tracker keeps labels. */
const marked = expect.toSatisfy((labels: string[]) => labels.toSorted().join() === [NEEDS_FOLLOWUP, 'x'].join());
const mark = { label: NEEDS_FOLLOWUP, note: 'The gate failed:\n\n  1 test of 2' };

/** What every tracker does, whatever it is. `create` makes one that holds the given issues, in this order. */
export function describeTracker(
  name: string,
  create: (issues: Issue[]) => Promise<TrackerUnderTest>,
  { many = 300, dangling = true, texts = true }: ContractOptions = {},
): void {
  describe(`${name}, as every tracker`, () => {
    const find = async (tracker: Tracker, id: string): Promise<Issue> => {
      const found = (await tracker.list()).issues.find((issue) => issue.id === id);
      if (!found) throw new Error(`${id} is not listed`);
      return found;
    };
    const readNotes = async ({ tracker, notesOf }: TrackerUnderTest, id: string): Promise<string | undefined> =>
      notesOf ? notesOf(id) : (await find(tracker, id)).notes;

    test('lists everything in its order, closed issues included', async () => {
      const issues = [
        makeIssue('z', {
          priority: 0,
          description: 'What',
          ...(texts && { design: 'How', acceptanceCriteria: 'When', notes: 'Hm' }),
          assignee: 'ann',
        }),
        makeEpic('e', { labels: ['x', 'y'], createdAt: january(1), updatedAt: january(2) }),
        makeIssue('a', {
          status: 'closed',
          type: 'spike',
          priority: 4,
          parents: ['e'],
          blockers: ['z'],
          createdAt: january(3),
        }),
      ];
      const { tracker } = await create(issues);
      const listing = await tracker.list();
      expect(listing.issues).toMatchObject(issues);
      expect(listing.warnings).toEqual([]);
    });

    test('lists nothing when there is nothing', async () => {
      expect(await (await create([])).tracker.list()).toEqual({ issues: [], warnings: [] });
    });

    test('warns of cycles and of links that lead nowhere', async () => {
      const { tracker } = await create([makeIssue('a', { blockers: ['b', 'x'] }), makeIssue('b', { blockers: ['a'] })]);
      const warnings = (await tracker.list()).warnings.join('\n');
      expect(warnings).toMatch(/a → b → a block each other/);
      if (dangling) expect(warnings).toMatch(/a waits for x/);
    });

    test('a claim marks the issue in progress for the run', async () => {
      const { tracker, another } = await create([makeIssue('a'), makeIssue('b')]);
      const result = await tracker.claim('a', run, plain);
      const expected = { id: 'a', status: 'in_progress', assignee: run.name, claimedBy: run.key };
      expect(result).toMatchObject({ claimed: true, issue: expected });
      expect(await find(another(), 'a')).toMatchObject(expected);
      expect(await find(another(), 'b')).toMatchObject({ status: 'open', claimedBy: undefined });
    });

    test('claiming again in the same run succeeds, even when something blocks it by now', async () => {
      const { tracker, another } = await create([makeIssue('a')]);
      await tracker.claim('a', run, plain);
      const first = await find(tracker, 'a');
      expect(await tracker.claim('a', run, plain)).toEqual({ claimed: true, issue: first });
      expect(await another().claim('a', run, plain)).toEqual({ claimed: true, issue: first });
    });

    test('of many who claim at the same time, one gets it', async () => {
      const { tracker, another } = await create([makeIssue('a')]);
      const other = another();
      const claims = Array.from({ length: 20 }, (_, index) => ({ key: `run-${index}`, name: `garland/${index}` }));
      const results = await Promise.all(
        claims.map((claim, index) => (index % 2 ? tracker : other).claim('a', claim, plain)),
      );
      const winners = claims.filter((_, index) => results[index]!.claimed);
      expect(winners).toHaveLength(1);
      expect(await find(tracker, 'a')).toMatchObject({ claimedBy: winners[0]!.key, assignee: winners[0]!.name });
    });

    test.each<[string, Issue[], RegExp]>([
      ['gone', [], /a is not in the tracker/],
      ['closed', [makeIssue('a', { status: 'closed' })], /a is closed/],
      ['deferred', [makeIssue('a', { status: 'deferred' })], /a is deferred/],
      [
        'blocked',
        [
          makeIssue('a', { blockers: ['b', 'c', 'd'] }),
          makeIssue('b', { status: 'in_progress' }),
          makeIssue('c', { status: 'closed' }),
        ],
        /a waits for b$/,
      ],
      ['in progress', [makeIssue('a', { status: 'in_progress' })], /a is in_progress/],
      ["a person's", [makeIssue('a', { status: 'in_progress', assignee: 'ann' })], /claimed by ann/],
    ])('a claim is refused when the issue is %s', async (_what, issues, reason) => {
      const { tracker } = await create(issues);
      const before = await tracker.list();
      expect(await tracker.claim('a', run, plain)).toEqual({ claimed: false, reason: expect.stringMatching(reason) });
      expect(await tracker.list()).toEqual(before);
    });

    test("with allowInProgress, nobody's work is taken and somebody's is not", async () => {
      const wip = { status: 'in_progress' };
      const { tracker } = await create([
        makeIssue('a', wip),
        makeIssue('b', { ...wip, assignee: 'ann' }),
        makeIssue('c', { ...wip, blockers: ['d'] }),
        makeIssue('d'),
      ]);
      const results = await Promise.all(['a', 'b', 'c'].map((id) => tracker.claim(id, run, { allowInProgress: true })));
      expect(results.map(({ claimed }) => claimed)).toEqual([true, false, false]);
    });

    test("another project's claim is a refusal, a dead run's of the same project isn't", async () => {
      const { tracker } = await create([makeIssue('a')]);
      await tracker.claim('a', run, plain);
      expect(await tracker.claim('a', stranger, { allowInProgress: true })).toEqual({
        claimed: false,
        reason: expect.stringContaining(run.name),
      });
      expect(await tracker.claim('a', laterRun, plain)).toMatchObject({
        claimed: true,
        issue: { claimedBy: laterRun.key },
      });
    });

    test("an open issue's assignee stays, through claim and release", async () => {
      const { tracker } = await create([makeIssue('a', { assignee: 'ann' })]);
      expect(await tracker.claim('a', run, plain)).toMatchObject({
        claimed: true,
        issue: { assignee: 'ann', claimedBy: run.key },
      });
      expect(await tracker.claim('a', stranger, plain)).toMatchObject({ claimed: false });
      expect(await tracker.claim('a', laterRun, plain)).toMatchObject({ claimed: true });
      expect(await tracker.release('a', laterRun)).toBe('done');
      expect(await find(tracker, 'a')).toMatchObject({ status: 'open', assignee: 'ann', claimedBy: undefined });
    });

    test('a release undoes a claim, once', async () => {
      const subject = await create([makeIssue('a', { notes: 'Hm', labels: ['x'] })]);
      const { tracker } = subject;
      await tracker.claim('a', run, plain);
      expect(await tracker.release('a', run)).toBe('done');
      const released = await find(tracker, 'a');
      expect(released).toMatchObject({ status: 'open', claimedBy: undefined, labels: ['x'] });
      expect(await readNotes(subject, 'a')).toBe('Hm');
      expect(released.assignee || undefined).toBeUndefined();
      expect(await tracker.release('a', run)).toBe('already');
      expect(await find(tracker, 'a')).toEqual(released);
    });

    test('a release adds the label and the note, each once', async () => {
      const subject = await create([makeIssue('a', { notes: 'Hm', labels: ['x'] }), makeIssue('b')]);
      const { tracker } = subject;
      for (const id of ['a', 'b']) {
        await tracker.claim(id, run, plain);
        expect(await tracker.release(id, run, mark)).toBe('done');
        expect(await tracker.release(id, run, mark)).toBe('already');
      }
      expect(await find(tracker, 'a')).toMatchObject({ labels: marked });
      expect(await readNotes(subject, 'a')).toBe(`Hm\n\n${mark.note}`);
      expect(await find(tracker, 'b')).toMatchObject({ labels: [NEEDS_FOLLOWUP] });
      expect(await readNotes(subject, 'b')).toBe(mark.note);
      await tracker.claim('a', laterRun, plain);
      expect(await tracker.release('a', laterRun, { ...mark, note: 'Again' })).toBe('done');
      expect(await find(tracker, 'a')).toMatchObject({ labels: marked });
      expect(await readNotes(subject, 'a')).toBe(`Hm\n\n${mark.note}\n\nAgain`);
    });

    test('one mark takes the place of another, and closing takes it away', async () => {
      const { tracker } = await create([makeIssue('a', { labels: ['x', NEEDS_FOLLOWUP] })]);
      await tracker.claim('a', run, plain);
      await tracker.release('a', run, { label: IN_REVIEW, note: 'Pushed' });
      expect((await find(tracker, 'a'))?.labels.toSorted()).toEqual([IN_REVIEW, 'x']);
      // Nobody claims what is in review, so it is marked anew, and closed, without a claim.
      expect(await tracker.release('a', laterRun, mark)).toBe('done');
      expect(await find(tracker, 'a')).toMatchObject({ labels: marked });
      await tracker.release('a', laterRun, { label: IN_REVIEW, note: 'Pushed again' });
      expect(await tracker.close('a', laterRun, 'Merged')).toBe('done');
      expect(await find(tracker, 'a')).toMatchObject({ status: 'closed', labels: ['x'] });
    });

    test('marks that a person wrote otherwise are marks, and go from what is closed already', async () => {
      const { tracker, edit } = await create([makeIssue('a', { labels: ['x', 'Needs-Followup'] })]);
      await tracker.claim('a', run, plain);
      await tracker.release('a', run, mark);
      expect((await find(tracker, 'a')).labels.toSorted()).toEqual(['Needs-Followup', 'x']);
      await edit('a', { status: 'closed' });
      expect(await tracker.close('a', run, 'Merged')).toBe('already');
      expect(await find(tracker, 'a')).toMatchObject({ status: 'closed', labels: ['x'] });
    });

    test('a release leaves alone what somebody else closed or claimed meanwhile', async () => {
      const { tracker, edit, remove } = await create(['closed', 'taken', 'rerun', 'gone'].map((id) => makeIssue(id)));
      for (const id of ['closed', 'taken', 'rerun', 'gone']) await tracker.claim(id, run, plain);
      await edit('closed', { status: 'closed' });
      await tracker.release('taken', run);
      await edit('taken', { status: 'in_progress', assignee: 'ann' });
      await tracker.claim('rerun', laterRun, plain);
      await remove('gone');
      const before = await tracker.list();
      const results = ['closed', 'taken', 'rerun', 'gone', 'never was'].map((id) => tracker.release(id, run, mark));
      expect(await Promise.all(results)).toEqual(['already', 'already', 'already', 'gone', 'gone']);
      expect(await tracker.list()).toEqual(before);
    });

    test('a release keeps the state that a person has set meanwhile', async () => {
      const { tracker, edit } = await create([makeIssue('a')]);
      await tracker.claim('a', run, plain);
      await edit('a', { status: 'deferred' });
      expect(await tracker.release('a', run, mark)).toBe('done');
      expect(await find(tracker, 'a')).toMatchObject({
        status: 'deferred',
        claimedBy: undefined,
        labels: [NEEDS_FOLLOWUP],
      });
    });

    test('closing closes, takes needs-followup away, and does it once', async () => {
      const { tracker, another } = await create([
        makeIssue('a', { labels: ['x', NEEDS_FOLLOWUP, 'y'] }),
        makeEpic('e'),
      ]);
      await tracker.claim('a', run, plain);
      expect(await tracker.close('a', run, 'Landed')).toBe('done');
      const closed = await find(another(), 'a');
      expect(closed).toMatchObject({ status: 'closed', labels: ['x', 'y'], claimedBy: undefined });
      expect(await tracker.close('a', run, 'Landed')).toBe('already');
      expect(await find(tracker, 'a')).toEqual(closed);
      // An epic is closed without ever having been claimed.
      expect(await tracker.close('e', run, 'All of it is closed')).toBe('done');
      expect(await tracker.claim('a', run, plain)).toMatchObject({ claimed: false });
    });

    test('what is gone cannot be closed', async () => {
      const { tracker, remove } = await create([makeIssue('a'), makeIssue('b')]);
      await tracker.claim('a', run, plain);
      await remove('a');
      expect(await tracker.close('a', run, 'Landed')).toBe('gone');
      expect((await tracker.list()).issues.map(({ id }) => id)).toEqual(['b']);
    });

    test('every write shows when it was', async () => {
      const { tracker } = await create([makeIssue('a', { updatedAt: january(1) })]);
      const before = (await find(tracker, 'a')).updatedAt!;
      for (const write of [
        () => tracker.claim('a', run, plain),
        () => tracker.release('a', run, mark),
        () => tracker.close('a', run, 'Done'),
      ]) {
        const started = Date.now();
        await write();
        const { updatedAt } = await find(tracker, 'a');
        expect(updatedAt).not.toBe(before);
        // Some trackers keep whole seconds only.
        expect(Date.parse(updatedAt!)).toBeGreaterThan(started - 1_000);
      }
    });

    test('issues that an agent added are brought over, once', async () => {
      const { tracker, makeWorkspace } = await create([makeIssue('a', { status: 'closed' }), makeIssue('b')]);
      if (!makeWorkspace) return expect(await tracker.adopt(makeTemporaryFolder())).toEqual([]);
      const workspace = await makeWorkspace([
        makeIssue('c', { parents: ['b'], description: 'Found on the way', labels: ['x'] }),
        makeIssue('d', { status: 'in_progress', claimedBy: 'run-1' }),
      ]);
      await tracker.claim('b', run, plain);
      const before = await tracker.list();
      expect(await tracker.adopt(workspace)).toEqual(['c', 'd']);
      const { issues } = await tracker.list();
      expect(issues.slice(0, 2)).toEqual(before.issues);
      expect(issues.slice(2)).toMatchObject([
        { id: 'c', status: 'open', parents: ['b'], description: 'Found on the way', labels: ['x'] },
        { id: 'd', status: 'in_progress', claimedBy: undefined },
      ]);
      expect(await tracker.adopt(workspace)).toEqual([]);
    });

    test('a workspace without anything to bring over changes nothing', async () => {
      const { tracker, makeWorkspace } = await create([makeIssue('a')]);
      if (makeWorkspace) expect(await tracker.adopt(await makeWorkspace([]))).toEqual([]);
      expect(await tracker.adopt('/nowhere')).toEqual([]);
      expect((await tracker.list()).issues).toHaveLength(1);
    });

    test('many writes at the same time all count', async () => {
      const ids = Array.from({ length: many }, (_, index) => `i${index}`);
      const { tracker, another } = await create(ids.map((id) => makeIssue(id)));
      const other = another();
      const results = await Promise.all(
        ids.map(async (id, index) => {
          const mine = index % 2 ? tracker : other;
          const { claimed } = await mine.claim(id, run, plain);
          return claimed && (index % 3 ? mine.close(id, run, 'Done') : mine.release(id, run, mark));
        }),
      );
      expect(results).toEqual(ids.map(() => 'done'));
      const { issues } = await tracker.list();
      expect(issues.map(({ id }) => id)).toEqual(ids);
      expect(issues.map(({ status }) => status)).toEqual(ids.map((_, index) => (index % 3 ? 'closed' : 'open')));
    }, 120_000);
  });
}
