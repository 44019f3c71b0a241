import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { configSchema } from '../../src/config/schema.js';
import { chooseTracker } from '../../src/trackers/choose-tracker.js';
import { createTracker } from '../../src/trackers/create-tracker.js';
import { makeTemporaryFolder } from '../files/temporary-folder.js';

let bin: string;
beforeEach(() => {
  bin = makeTemporaryFolder();
  vi.stubEnv('PATH', bin);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function install(...names: string[]): void {
  for (const name of names) {
    writeFileSync(join(bin, name), '#!/bin/sh\n');
    chmodSync(join(bin, name), 0o755);
  }
}

function makeProject(...files: string[]): string {
  const dir = makeTemporaryFolder();
  mkdirSync(join(dir, '.beads'));
  for (const file of files) {
    if (file.endsWith('/')) mkdirSync(join(dir, file));
    else writeFileSync(join(dir, file), '');
  }
  return dir;
}

const choose = (dir: string, tracker: object = {}) => chooseTracker(dir, configSchema.parse({ tracker }).tracker);

test.each<[string, string[], string[], object]>([
  [
    'a file alone',
    ['.beads/issues.jsonl'],
    ['bd', 'br'],
    { kind: 'beads-jsonl', because: 'there is .beads/issues.jsonl, and no database beside it' },
  ],
  [
    'a database and br',
    ['.beads/issues.jsonl', '.beads/beads.db'],
    ['br'],
    { kind: 'beads', because: 'by br: there is the database .beads/beads.db' },
  ],
  [
    'a database and both: bd might make one of its own',
    ['.beads/beads.db'],
    ['bd', 'br'],
    { kind: 'beads', because: 'by br: there is the database .beads/beads.db' },
  ],
  [
    'a database and bd',
    ['.beads/beads.db'],
    ['bd'],
    { kind: 'beads', because: 'by bd: there is the database .beads/beads.db' },
  ],
  [
    'a database of Dolt',
    ['.beads/embeddeddolt/', '.beads/beads.db'],
    ['bd', 'br'],
    { kind: 'beads', because: 'by bd: there is the database .beads/embeddeddolt' },
  ],
])('a project that has %s', async (_what, files, programs, expected) => {
  install(...programs);
  expect(await choose(makeProject(...files))).toEqual(expected);
});

test('what the configuration says is taken as it is', async () => {
  const dir = makeProject('.beads/beads.db');
  expect(await choose(dir, { kind: 'beads-jsonl' })).toEqual({ kind: 'beads-jsonl' });
  expect(await choose(dir, { kind: 'beads' })).toEqual({ kind: 'beads' });
  expect(await choose(dir, { path: 'plan.jsonl' })).toEqual({
    kind: 'beads-jsonl',
    because: 'tracker.path is plan.jsonl',
  });
});

test("a database's program needn't be on PATH when it is named", async () => {
  expect(await choose(makeProject('.beads/beads.db'), { provider: { command: '/opt/br' } })).toEqual({
    kind: 'beads',
    because: 'by /opt/br: there is the database .beads/beads.db',
  });
});

test.each<[string, string[], string[], RegExp]>([
  [
    'nothing',
    [],
    ['br'],
    /has no tracker that garland finds\. It looked for: .*database of beads.*issues\.jsonl.*br init.*tracker\.kind/,
  ],
  [
    'a database and no program',
    ['.beads/beads.db', '.beads/issues.jsonl'],
    [],
    /there is no br or bd on PATH: install it/,
  ],
  ['a database of Dolt and br alone', ['.beads/dolt/'], ['br'], /there is no bd on PATH/],
])('a project that has %s is told what to do', async (_what, files, programs, message) => {
  install(...programs);
  await expect(choose(makeProject(...files))).rejects.toThrow(message);
});

test("the tracker's program can be named, and nothing else", async () => {
  const open = (provider: unknown) =>
    createTracker('/nowhere', configSchema.parse({ tracker: { kind: 'beads', provider } }).tracker);
  expect((await open({ command: '/opt/br' })).kind).toBe('beads');
  expect((await open(undefined)).ownPaths).toEqual(['.beads']);
  await expect(open({ comand: 'br' })).rejects.toThrow(/tracker\.provider: .*comand/);
});

test('the file beside a database is refused, and the message names the other kind', async () => {
  const dir = makeProject('.beads/beads.db', '.beads/issues.jsonl');
  const tracker = await createTracker(dir, configSchema.parse({ tracker: { kind: 'beads-jsonl' } }).tracker);
  await expect(tracker.list()).rejects.toThrow(
    /set tracker\.kind in WORKFLOW\.md to beads, which works with the database/,
  );
});
