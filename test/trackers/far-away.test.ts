import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Tracker } from '../../src/trackers/tracker.js';
import { alikeIssues, readTracker, writeBacklog } from '../integration/harness/backlog.js';

const dir = mkdtempSync(join(tmpdir(), 'garland-far-away-'));
const answers = join(dir, 'answers');
const run = { key: 'run-1', name: 'garland/project' };
let openTracker: () => Tracker;

beforeAll(async () => {
  process.env['GARLAND_CHAOS_ANSWERS'] = answers;
  process.env['GARLAND_CHAOS_TRACKER'] = join(dir, '.beads', 'issues.jsonl');
  // @ts-expect-error -- a program without types, which changes node:fs
  await import('../fixtures/chaos/tracker-answers.mjs');
  const { createBeadsJsonlTracker } = await import('../../src/trackers/beads-jsonl.js');
  const states = { activeStates: ['open'], terminalStates: ['closed'] };
  openTracker = () => createBeadsJsonlTracker({ projectDir: dir, path: '.beads/issues.jsonl', ...states });
});

beforeEach(() => {
  rmSync(answers, { force: true });
  writeBacklog(dir, alikeIssues(4, { seconds: 0, does: 'files' }));
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

it.each(['half 0.6', 'half-lines 0.6'])('never takes a half for the whole, however it is cut: %s', async (answer) => {
  const tracker = openTracker();
  writeFileSync(answers, answer);
  await expect(tracker.list()).rejects.toThrow(/could not be read/);
  await expect(tracker.close('a-1', run, 'done')).rejects.toThrow(/could not be read/);
  expect(readTracker(dir).size).toBe(4);

  rmSync(answers);
  const { issues } = await tracker.list();
  expect(issues.map(({ id }) => id)).toEqual(['a-1', 'a-2', 'a-3', 'a-4']);
});

it('finds a write that was made, although its reply was lost', async () => {
  const tracker = openTracker();
  writeFileSync(answers, 'lost');
  await expect(tracker.claim('a-1', run, { allowInProgress: false })).rejects.toThrow(/could not be written/);
  await expect(tracker.claim('a-1', run, { allowInProgress: false })).resolves.toMatchObject({ claimed: true });
  await expect(tracker.close('a-1', run, 'done')).rejects.toThrow(/could not be written/);
  await expect(tracker.close('a-1', run, 'done')).resolves.toBe('already');
});
