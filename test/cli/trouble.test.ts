import { expect, test } from 'vitest';
import { createTrouble } from '../../src/cli/trouble.js';

test('a passing failure is not worth a word, a lasting one is told until it is over', () => {
  let now = 0;
  let called = 0;
  const shown: (string | undefined)[] = [];
  const onTrouble = createTrouble({ show: (line) => shown.push(line), onLong: () => (called += 1), now: () => now });

  onTrouble(new Error('away'));
  now = 2000;
  onTrouble(undefined);
  expect(shown).toEqual([undefined]);

  now = 10_000;
  onTrouble(new Error('away'));
  now = 13_000;
  onTrouble(new Error('away'));
  now = 13_250;
  onTrouble(new Error('away'));
  expect(called).toBe(1);
  expect(shown.at(-1)).toMatch(/can't be asked since \d\d:\d\d:\d\d \(away\)/);
  onTrouble(undefined);
  expect(shown.at(-1)).toBeUndefined();
});
