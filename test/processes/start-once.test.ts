import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJob, startJob, stopJob } from '../../src/processes/job.js';
import type { StartStep } from '../../src/processes/start-job.js';
import { useTemporaryJobs } from './temporary-jobs.js';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const jobs = useTemporaryJobs();
const steps: StartStep[] = ['prepared', 'recorded', 'spawned', 'linked'];
let compiled = '';

/** Node runs no TypeScript, and only another process can be killed between two steps. */
beforeAll(() => {
  compiled = mkdtempSync(join(tmpdir(), 'garland-compiled-'));
  writeFileSync(join(compiled, 'package.json'), '{"type":"module"}');
  symlinkSync(join(repository, 'node_modules'), join(compiled, 'node_modules'));
  const compiler = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = '--ignoreConfig --types node --target es2023 --module nodenext --skipLibCheck'.split(' ');
  const source = join(repository, 'src', 'processes', 'start-job.ts');
  execFileSync(process.execPath, [compiler, ...options, '--outDir', compiled, source]);
});
afterAll(() => rmSync(compiled, { recursive: true }));

/** Answers whether it was killed: one that finds the job started doesn't get to every step. */
async function startElsewhere(folder: string, killAt = ''): Promise<boolean> {
  const spec = JSON.stringify(jobs.job('counts-starts.sh', join(folder, 'starts')));
  const script = join(repository, 'test', 'fixtures', 'processes', 'start-job.mjs');
  const child = spawn(process.execPath, [script, compiled, folder, spec, killAt], { stdio: 'inherit' });
  const [code, signal] = await once(child, 'exit');
  expect([0, null]).toContain(code);
  return signal === 'SIGKILL';
}

const spec = (folder: string) => jobs.job('counts-starts.sh', join(folder, 'starts'));

/** Lets the program end, and says how often it was started. */
async function finish(folder: string): Promise<number> {
  await expect.poll(() => existsSync(join(folder, 'starts'))).toBe(true);
  writeFileSync(join(folder, 'go'), '');
  const job = await startJob(folder, spec(folder));
  expect(await job.wait()).toMatchObject({ kind: 'exited', exitCode: 0 });
  // Wrappers that came too late leave without a trace.
  await expect.poll(jobs.findProcesses).toEqual([]);
  return countStarts(folder);
}

describe('a job starts once', () => {
  it.each(steps)('when its starter is killed at "%s" and another takes over', async (step) => {
    const folder = jobs.path('job');
    expect(await startElsewhere(folder, step)).toBe(true);
    await startJob(folder, spec(folder));
    expect(await finish(folder)).toBe(1);
  });

  it('when several processes start it at the same time', async () => {
    const folder = jobs.path('job');
    await Promise.all([startElsewhere(folder), startElsewhere(folder), startElsewhere(folder, 'spawned')]);
    expect(await finish(folder)).toBe(1);
  });

  it('however many starts race, and wherever each of them fails', async () => {
    let run = 0;
    const starters = fc.array(fc.constantFrom(...steps, undefined), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(starters, async (failures) => {
        const folder = jobs.path(`job-${(run += 1)}`);
        const start = (failAt: StartStep | undefined) =>
          startJob(folder, spec(folder), {
            onStep: (step) => {
              if (step === failAt) throw new Error('crash');
            },
          }).catch(() => undefined);
        await Promise.all(failures.map((failAt) => start(failAt)));
        await startJob(folder, spec(folder));
        expect(await finish(folder)).toBe(1);
      }),
      { numRuns: 15 },
    );
  });

  it.each(steps)('or never, once a stop came before: at "%s"', async (step) => {
    const folder = jobs.path('job');
    let stopping: Promise<unknown> = Promise.resolve();
    const onStep = (at: StartStep) => {
      if (at === step) stopping = stopJob(folder, { graceMs: 2_000, reason: 'not wanted' });
    };
    const job = await startJob(folder, spec(folder), { onStep });
    await stopping;
    const end = await job.wait();
    expect(['voided', 'exited']).toContain(end.kind);
    const startsBefore = countStarts(folder);
    const again = await startJob(folder, spec(folder));
    expect(await again.wait()).toEqual(end);
    expect(await readJob(folder)).toMatchObject({ stop: { kind: 'aborted', reason: 'not wanted' } });
    await expect.poll(jobs.findProcesses).toEqual([]);
    expect(countStarts(folder)).toBe(startsBefore);
    expect(startsBefore).toBeLessThanOrEqual(end.kind === 'voided' ? 0 : 1);
  });
});

function countStarts(folder: string): number {
  const file = join(folder, 'starts');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0;
}
