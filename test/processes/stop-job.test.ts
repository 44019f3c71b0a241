import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isGroupGone } from '../../src/processes/end-processes.js';
import { isAlive, readBootId, readIdentity } from '../../src/processes/identity.js';
import { attachJob, readJob, startJob, stopJob } from '../../src/processes/job.js';
import { isLinux, useTemporaryJobs } from './temporary-jobs.js';

const jobs = useTemporaryJobs();

async function startReady(program: string) {
  const job = await startJob(jobs.path('job'), jobs.job(program));
  await expect.poll(() => jobs.read('job', 'stdout')).toContain('ready');
  return job;
}

describe('stopJob', () => {
  it('asks first: a program that saves its work ends as it wishes', async () => {
    const job = await startReady('obeys-sigterm.sh');
    await stopJob(jobs.path('job'), { graceMs: 20_000, reason: 'test' });
    expect(await job.wait()).toMatchObject({ kind: 'exited', exitCode: 0 });
    expect(jobs.read('job', 'stdout')).toContain('saved');
    expect(await readJob(jobs.path('job'))).toMatchObject({ stop: { kind: 'aborted', reason: 'test' } });
  });

  it('kills what ignores it, after the grace', async () => {
    const job = await startReady('ignores-sigterm.sh');
    const started = performance.now();
    await stopJob(jobs.path('job'), { graceMs: 300, reason: 'test' });
    expect(performance.now() - started).toBeGreaterThanOrEqual(300);
    expect(await job.wait()).toMatchObject({ kind: 'lost' });
  });

  it.runIf(isLinux)('finds what left the process group', async () => {
    await startReady('escapes-session.sh');
    await expect.poll(async () => (await jobs.findProcesses()).length).toBe(3);
    await stopJob(jobs.path('job'), { graceMs: 500, reason: 'test' });
    expect(await jobs.findProcesses()).toEqual([]);
  });

  it('voids what has not begun', async () => {
    await stopJob(jobs.path('job'), { graceMs: 0, reason: 'first', kind: 'timed_out' });
    expect(await readJob(jobs.path('job'))).toMatchObject({
      state: 'voided',
      stop: { kind: 'timed_out', reason: 'first' },
    });
    const job = await startJob(jobs.path('job'), jobs.job('touch', jobs.path('started')));
    expect(await job.wait()).toMatchObject({ kind: 'voided' });
    expect(jobs.exists('started')).toBe(false);
  });

  it('counts from its first step on: a crash after it still keeps the job from starting', async () => {
    mkdirSync(jobs.path('job'));
    const stop = { version: 1, kind: 'aborted', reason: 'test', at: new Date().toISOString() };
    writeFileSync(jobs.path('job', 'stop.json'), JSON.stringify(stop));
    const job = await startJob(jobs.path('job'), jobs.job('touch', jobs.path('started')));
    expect(await job.wait()).toMatchObject({ kind: 'voided' });
    expect(jobs.exists('started')).toBe(false);
  });

  it('keeps the first reason, from however many at the same time', async () => {
    await startReady('ignores-sigterm.sh');
    const reasons = ['a', 'b', 'c', 'd'];
    const stops = await Promise.all(
      reasons.map((reason) => stopJob(jobs.path('job'), { graceMs: 100, reason, kind: 'stalled' })),
    );
    expect(new Set(stops.map((stop) => stop?.reason)).size).toBe(1);
    expect(await stopJob(jobs.path('job'), { graceMs: 0, reason: 'later' })).toEqual(stops[0]);
  });

  it('leaves no trace on a job that had ended by itself', async () => {
    const job = await startJob(jobs.path('job'), jobs.job('sh', '-c', 'exit 3'));
    await job.wait();
    expect(await stopJob(jobs.path('job'), { graceMs: 0, reason: 'late' })).toBeUndefined();
    expect(await readJob(jobs.path('job'))).not.toHaveProperty('stop');
    expect(await job.wait()).toMatchObject({ kind: 'exited', exitCode: 3 });
  });

  it.each([
    ['whose leader has died', 'sleep 300 & echo $!'],
    ['whose leader lives', 'echo $$; exec sleep 300'],
  ])('spares a group %s, which got the number of a job that is gone', async (_name, script) => {
    const stranger = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    const [line]: string[] = await once(stranger.stdout.setEncoding('utf8'), 'data');
    const member = readIdentity(Number(line));
    await expect.poll(() => stranger.exitCode ?? 'running').toBe(script.includes('&') ? 0 : 'running');
    mkdirSync(jobs.path('job'));
    symlinkSync(`${stranger.pid}:1:${readBootId()}`, jobs.path('job', 'pid'));
    await stopJob(jobs.path('job'), { graceMs: 0, reason: 'test' });
    expect(await attachJob(jobs.path('job')).wait()).toMatchObject({ kind: 'lost' });
    expect(isAlive(member!)).toBe(true);
    process.kill(member!.pid, 'SIGKILL');
  });

  it('stops many at once', async () => {
    const started = await Promise.all(
      Array.from({ length: 20 }, (_, n) => startJob(jobs.path(`job-${n}`), jobs.job('sleep', '300'))),
    );
    await Promise.all(started.map(({ folder }) => stopJob(folder, { graceMs: 5_000, reason: 'test' })));
    const ends = await Promise.all(started.map((job) => job.wait()));
    expect(ends.map((end) => end.kind === 'exited' && end.exitCode)).toEqual(Array.from(ends, () => 143));
  });
});

describe('isGroupGone', () => {
  it('is false while the wrapper runs and true once all is over', async () => {
    const job = await startJob(jobs.path('job'), jobs.job('sleep', '300'));
    const state = await readJob(jobs.path('job'));
    if (state.state !== 'running') throw new Error(state.state);
    expect(isGroupGone(state.identity)).toBe(false);
    await stopJob(jobs.path('job'), { graceMs: 5_000, reason: 'test' });
    await job.wait();
    // What the wrapper started becomes a child of init, which may take a while to reap it.
    await expect.poll(() => isGroupGone(state.identity), { timeout: 10_000 }).toBe(true);
  });
});
