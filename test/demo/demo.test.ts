import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

test('the demo runs to its planned end, for somebody who never told git their name', { timeout: 180_000 }, async () => {
  const before = new Set(await readdir(tmpdir()));
  const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  const { exitCode, stdout } = await execa(process.execPath, ['demo/main.mjs'], {
    env,
    reject: false,
    stdin: 'ignore',
  });
  expect(stdout).toContain('9 succeeded (1 had nothing to do), 1 failed');
  expect(stdout).toContain('kitchen-8 failed by design');
  expect(stdout).toMatch(/kitchen-9: List every function in the README/);
  expect(exitCode).toBe(0);
  const made = (await readdir(tmpdir())).filter((name) => name.startsWith('garland-demo-') && !before.has(name));
  for (const name of made) await rm(join(tmpdir(), name), { recursive: true });
});
