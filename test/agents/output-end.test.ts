import { writeFileSync } from 'node:fs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { readOutputEnd } from '../../src/agents/output-end.js';
import { useTemporaryJobs } from '../processes/temporary-jobs.js';

const files = useTemporaryJobs();

function read(stdout: string, stderr = '') {
  writeFileSync(files.path('stdout'), stdout);
  writeFileSync(files.path('stderr'), stderr);
  return readOutputEnd(files.path('stdout'), files.path('stderr'));
}

it('has all of a short output, as text for people', async () => {
  expect(await read('a\n\u001B[1mb\u001B[0m\n', 'c\u0000\n')).toBe('a\nb\nc');
  expect(await read('', 'c')).toBe('c');
  expect(await read(' \n')).toBeUndefined();
  expect(await readOutputEnd(files.path('none'))).toBeUndefined();
});

it('has the end of a long one, of both streams, and no more than fits', async () => {
  const long = (end: string) => `${'x'.repeat(50_000)}😀${'y'.repeat(600)} ${end}`;
  const both = (await read(long('out'), long('err'))) ?? '';
  expect(both).toMatch(/^….* out\n….* err$/su);
  const one = (await read(long('out'), 'err')) ?? '';
  expect(one).toMatch(/^….* out\nerr$/su);
  for (const text of [both, one]) {
    expect(text.length).toBeGreaterThan(1_450);
    expect(text.length).toBeLessThanOrEqual(1_500);
  }
  for (let shift = 740; shift < 750; shift += 1) {
    expect((await read(`${'x'.repeat(900)}😀${'y'.repeat(shift)}`, 'z'.repeat(2_000)))?.isWellFormed()).toBe(true);
  }
});

it('has no secret, nor a part of one', async () => {
  vi.stubEnv('GITHUB_TOKEN', 'planted-token-1');
  onTestFinished(() => void vi.unstubAllEnvs());
  for (let shift = 1_480; shift < 1_500; shift += 1) {
    expect(await read(`${'x'.repeat(900)}planted-token-1${'y'.repeat(shift)}`)).not.toMatch(/token|en-1/);
  }
});
