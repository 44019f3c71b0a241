import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attemptFolder } from '../../src/agents/attempt-folder.js';
import { stopStrays } from '../../src/agents/stop-strays.js';
import { readJob, startJob, stopJob } from '../../src/processes/job.js';
import { useTemporaryJobs } from '../processes/temporary-jobs.js';

const files = useTemporaryJobs();
const folderOf = (run: string, issue: string, attempt = 1) => attemptFolder(files.path(), run, issue, attempt);
const stateOf = async (folder: string) => (await readJob(folder)).state;

describe('stopStrays', () => {
  it("stops the issue's agents and gates of other runs, and nothing else", async () => {
    const gate = join(folderOf('old', 'bd-1'), 'gate', '1');
    const strays = [folderOf('old', 'bd-1', 2), folderOf('older', 'bd-1'), gate];
    const others = [folderOf('old', 'bd-2'), folderOf('now', 'bd-1')];
    await Promise.all([...strays, ...others].map((folder) => startJob(folder, files.job('sleep', '300'))));

    const stopped = await stopStrays(files.path(), 'now', 'bd-1');
    expect(stopped.toSorted()).toEqual(strays.toSorted());
    expect(await Promise.all(strays.map(stateOf))).toEqual(['exited', 'exited', 'exited']);
    expect(await Promise.all(others.map(stateOf))).toEqual(['running', 'running']);
    expect(await readJob(gate)).toMatchObject({ stop: { kind: 'aborted', reason: 'run now works on bd-1 now' } });

    expect(await stopStrays(files.path(), 'now', 'bd-1')).toEqual([]);
    await Promise.all(others.map((folder) => stopJob(folder, { graceMs: 1_000, reason: 'test' })));
  });

  it('keeps an attempt of another run from starting later', async () => {
    const late = folderOf('old', 'bd-1');
    mkdirSync(late, { recursive: true });
    expect(await stopStrays(files.path(), 'now', 'bd-1')).toEqual([]);
    const job = await startJob(late, files.job('touch', files.path('started')));
    expect(await job.wait()).toMatchObject({ kind: 'voided' });
    expect(files.exists('started')).toBe(false);
  });

  it('leaves the result of what had ended alone', async () => {
    const folder = folderOf('old', 'bd-1');
    await (await startJob(folder, files.job('sh', '-c', 'exit 3'))).wait();
    await stopStrays(files.path(), 'now', 'bd-1');
    const state = await readJob(folder);
    expect(state).toMatchObject({ state: 'exited', exitCode: 3 });
    expect(state).not.toHaveProperty('stop');
  });

  it('finds nothing in a new project', async () => {
    expect(await stopStrays(files.path(), 'now', 'bd-1')).toEqual([]);
  });
});
