import { homedir } from 'node:os';
import { expect, it } from 'vitest';
import { resolvePath } from '../../src/config/resolve-path.js';
import { messageOf } from './temporary-folder.js';

it.each([
  ['a/b', '/p/a/b'],
  ['./a', '/p/a'],
  ['../a', '/a'],
  ['.', '/p'],
  ['/x/y/', '/x/y'],
  ['~', '/home/x'],
  ['~/a', '/home/x/a'],
  ['a/~/b', '/p/a/~/b'],
  ['~backup', '/p/~backup'],
])('%s is %s', (value, expected) => {
  expect(resolvePath('/p', value, '/home/x')).toBe(expected);
});

it("takes the user's own home folder", () => {
  expect(resolvePath('/p', '~/a')).toBe(`${homedir()}/a`);
});

it("doesn't look up other users", async () => {
  expect(await messageOf(() => resolvePath('/p', '~alice/a'))).toBe(
    'path: found "~alice/a", allowed: ~/… (your own home folder), or the whole path',
  );
});
