import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { cacheDir, garlandDir, stateDir } from '../../src/files/user-dirs.js';
import { makeTemporaryFolder } from './temporary-folder.js';

const home = '/home/ann';

test.each([
  ['linux', {}, '/home/ann/.local/state/garland', '/home/ann/.cache/garland'],
  ['darwin', {}, '/home/ann/Library/Application Support/garland', '/home/ann/Library/Caches/garland'],
  ['linux', { XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/c' }, '/s/garland', '/c/garland'],
  ['darwin', { XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/c' }, '/s/garland', '/c/garland'],
  [
    'linux',
    { XDG_STATE_HOME: '', XDG_CACHE_HOME: 'relative' },
    '/home/ann/.local/state/garland',
    '/home/ann/.cache/garland',
  ],
] as const)('on %s with %o', (platform, env, state, cache) => {
  expect(stateDir({ env, platform, home })).toBe(state);
  expect(cacheDir({ env, platform, home })).toBe(cache);
});

test("a project's folder is made once and ignores itself in git", async () => {
  const project = makeTemporaryFolder();
  await execa('git', ['init', '-q'], { cwd: project });
  expect(garlandDir(project)).toBe(join(project, '.garland'));
  writeFileSync(join(project, '.garland/record.json'), '{}');
  expect(garlandDir(project)).toBe(join(project, '.garland'));
  expect(readdirSync(join(project, '.garland')).toSorted()).toEqual(['.gitignore', 'record.json']);
  expect((await execa('git', ['status', '--porcelain', '-uall'], { cwd: project })).stdout).toBe('');
});

test("the user's own .gitignore in it stays", () => {
  const project = makeTemporaryFolder();
  mkdirSync(join(project, '.garland'));
  writeFileSync(join(project, '.garland/.gitignore'), 'workspaces\n');
  garlandDir(project);
  expect(readFileSync(join(project, '.garland/.gitignore'), 'utf8')).toBe('workspaces\n');
});

test('a project that is not there is an error, and not made', () => {
  const project = join(makeTemporaryFolder(), 'missing');
  expect(() => garlandDir(project)).toThrow(UserError);
  expect(existsSync(project)).toBe(false);
});
