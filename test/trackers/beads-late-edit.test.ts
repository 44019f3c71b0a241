import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createBeadsJsonlTracker } from '../../src/trackers/beads-jsonl.js';
import type { Tracker } from '../../src/trackers/tracker.js';
import { ISSUES, makeProject, readIssues, readLines } from './beads-project.js';

const small = (id: string, title = 'T'): string => `{"id":"${id}","title":"${title}","status":"open"}\n`;
const claim = (tracker: Tracker, id: string) =>
  tracker.claim(id, { key: 'run', name: 'p' }, { allowInProgress: false });

/** A tracker's file that another program has open, while a claim replaces it. */
async function openAndClaim(flags: string): Promise<{ project: string; file: number; tracker: Tracker }> {
  const project = makeProject(small('a') + small('b'));
  const tracker = createBeadsJsonlTracker({ projectDir: project, path: ISSUES });
  const file = openSync(join(project, ISSUES), flags);
  expect(await claim(tracker, 'a')).toMatchObject({ claimed: true });
  return { project, file, tracker };
}

test('what a program appends to the file that it has open is there a moment later', async () => {
  const { project, file, tracker } = await openAndClaim('a');
  writeSync(file, small('c'));
  closeSync(file);
  await expect.poll(() => readLines(project)).toHaveLength(3);
  const { issues } = await tracker.list();
  expect(issues.map(({ id, status }) => [id, status])).toEqual([
    ['a', 'in_progress'],
    ['b', 'open'],
    ['c', 'open'],
  ]);
});

test('what an editor changes in the file that it has open is there a moment later, beside what was written meanwhile', async () => {
  const { project, file, tracker } = await openAndClaim('r+');
  expect(await claim(tracker, 'b')).toMatchObject({ claimed: true });
  writeSync(file, small('a', 'N') + small('b'), 0);
  closeSync(file);
  await expect.poll(() => readIssues(project)).toContain('"title":"N"');
  const { issues } = await tracker.list();
  expect(issues.map(({ title, status }) => [title, status])).toEqual([
    ['N', 'in_progress'],
    ['T', 'in_progress'],
  ]);
});

test('what an editor has only emptied is not taken for its edit', async () => {
  const { project, file, tracker } = await openAndClaim('r+');
  ftruncateSync(file);
  closeSync(file);
  // Long enough for it to be looked at, and written over by a second claim.
  await sleep(300);
  expect(await claim(tracker, 'b')).toMatchObject({ claimed: true });
  expect(readLines(project)).toHaveLength(2);
});
