import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { readLastComplaint, rotateLog, trimLog } from '../../src/temporal/dev-server-log.js';

let log = '';
beforeEach(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'garland-log-'));
  log = path.join(folder, 'server.log');
  onTestFinished(() => rm(folder, { recursive: true }));
});

test('each start begins a log and keeps the one before', async () => {
  for (const text of ['first', 'second', 'third']) {
    await rotateLog(log);
    await writeFile(log, text);
  }
  expect(await readdir(path.dirname(log))).toEqual(['server.log', 'server.log.1']);
  expect(await readFile(`${log}.1`, 'utf8')).toBe('second');
});

test('a log that has grown too large is cut under the server that writes it', async () => {
  await writeFile(log, 'x'.repeat(100));
  await trimLog(log, 100);
  expect(await readFile(log, 'utf8')).toHaveLength(100);
  await trimLog(log, 99);
  await appendFile(log, 'next');
  expect(await readFile(log, 'utf8')).toBe('next');
  expect(await readFile(`${log}.1`, 'utf8')).toHaveLength(100);
});

test.each([
  ['', ''],
  ['just a line\n\n', 'just a line'],
  ['Error: no\nbye\n', 'Error: no'],
  ['time=1 level=ERROR msg="failed \\"x\\": bad"\nServer: y\n', 'failed "x": bad'],
])('the complaint in %j is %j', async (text, complaint) => {
  await writeFile(log, text);
  expect(await readLastComplaint(log)).toBe(complaint);
});

test('a long complaint is shortened in its middle; none of a missing log', async () => {
  expect(await readLastComplaint(log)).toBe('');
  await writeFile(log, `error ${'x'.repeat(40_000)} disk is full`);
  const complaint = await readLastComplaint(log);
  expect(complaint.length).toBeLessThanOrEqual(300);
  expect(complaint).toMatch(/disk is full$/);
});
