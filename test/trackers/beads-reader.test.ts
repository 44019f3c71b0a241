import { appendFileSync, closeSync, ftruncateSync, openSync, renameSync, rmSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createBeadsReader } from '../../src/trackers/beads-reader.js';
import { ISSUES, makeProject, writeIssues } from './beads-project.js';

const line = (id: string): string => `{"id":"${id}","title":"T","status":"open"}`;

function open(project: string) {
  const reader = createBeadsReader(join(project, ISSUES), ISSUES);
  return { reader, ids: async () => [...(await reader.read()).document.positions.keys()] };
}

test('a file that has not changed is not read again, one that has is', async () => {
  const project = makeProject([line('a')]);
  const { reader } = open(project);
  const first = await reader.read();
  expect(await reader.read()).toBe(first);
  utimesSync(join(project, ISSUES), 1e9, 1e9 + 1);
  const second = await reader.read();
  expect(second.document).not.toBe(first.document);
  expect(second.document.lines[0]!.entry).toBe(first.document.lines[0]!.entry);
  writeIssues(project, [line('b')]);
  expect(reader.isCurrent(second.version)).toBe(false);
  expect([...(await reader.read()).document.positions.keys()]).toEqual(['b']);
});

test.each([
  ['emptied', ''],
  ['half of a line', line('a').slice(0, 10)],
  ['half of the lines', `${line('a')}\n`],
])('a file that somebody is writing is not taken for %s', async (_what, half) => {
  const project = makeProject([line('a'), line('b')]);
  const file = openSync(join(project, ISSUES), 'r+');
  ftruncateSync(file);
  writeSync(file, half, 0);
  const reading = open(project).ids();
  // Well within the time in which a file counts as being written; waiting for a condition isn't possible here.
  await sleep(10);
  writeSync(file, `${line('a')}\n${line('b')}\n${line('c')}\n`, 0);
  closeSync(file);
  expect(await reading).toEqual(['a', 'b', 'c']);
});

test('a file that an editor moves away for a moment is not taken for missing', async () => {
  const project = makeProject([line('a')]);
  const file = join(project, ISSUES);
  renameSync(file, `${file}~`);
  const reading = open(project).ids();
  await sleep(10);
  renameSync(`${file}~`, file);
  expect(await reading).toEqual(['a']);
  rmSync(file);
  await expect(open(project).ids()).rejects.toThrow('no such file');
});

test('a program that never stops writing is not waited for without end', async () => {
  const project = makeProject([line('a')]);
  let count = 0;
  const writing = setInterval(() => appendFileSync(join(project, ISSUES), `${line(`i${(count += 1)}`)}\n`), 3);
  try {
    expect((await open(project).ids())[0]).toBe('a');
  } finally {
    clearInterval(writing);
  }
});
