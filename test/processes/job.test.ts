import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isAlive, ownIdentity, readIdentity } from '../../src/processes/identity.js';
import { attachJob, readJob, startJob, stopJob } from '../../src/processes/job.js';
import { isLinux, useTemporaryJobs } from './temporary-jobs.js';

const jobs = useTemporaryJobs();

describe('startJob', () => {
  it('keeps the exit status and both outputs, and passes stdin, folder and environment', async () => {
    writeFileSync(jobs.path('in'), 'from stdin\n');
    mkdirSync(jobs.path('work'));
    const script = 'cat; pwd; echo "$SECRET $GARLAND_JOB"; echo oops >&2; exit 7';
    const spec = jobs.job('sh', '-c', script);
    const job = await startJob(jobs.path('job'), {
      ...spec,
      cwd: jobs.path('work'),
      env: { ...spec.env, SECRET: 'hush' },
      stdinFile: jobs.path('in'),
    });
    const end = await job.wait();
    expect(end).toMatchObject({ kind: 'exited', exitCode: 7 });
    expect(end.endedAt.getTime()).toBeGreaterThanOrEqual(end.startedAt.getTime());
    expect(Math.abs(Date.now() - end.startedAt.getTime())).toBeLessThan(10_000);
    expect(jobs.read('job', 'stdout')).toBe(`from stdin\n${jobs.path('work')}\nhush ${jobs.path('job')}\n`);
    expect(jobs.read('job', 'stderr')).toBe('oops\n');
    expect(jobs.read('job', 'record.json')).not.toContain('hush');
    expect(await readJob(jobs.path('job'))).toMatchObject({ state: 'exited', exitCode: 7 });
  });

  it('passes arguments as they are', async () => {
    const args = ['', ' a  b ', '$HOME', '`x`', '*', "'", '"', '\n', '-n', 'ü'];
    await (await startJob(jobs.path('job'), jobs.job('printf', '<%s>', ...args))).wait();
    expect(jobs.read('job', 'stdout')).toBe(args.map((arg) => `<${arg}>`).join(''));
  });

  it('tells death by a signal as 128 + n', async () => {
    const job = await startJob(jobs.path('job'), jobs.job('sh', '-c', 'kill -s KILL $$'));
    expect(await job.wait()).toMatchObject({ kind: 'exited', exitCode: 137 });
    expect(jobs.read('job', 'stderr')).toBe('');
  });

  it.runIf(isLinux)('leaves nothing of a program that was killed, in whatever group it is', async () => {
    const script =
      'setsid sh -c "touch away; exec sleep 300" & until [ -e away ]; do sleep 0.02; done; kill -s KILL $$';
    await (await startJob(jobs.path('job'), jobs.job('sh', '-c', script))).wait();
    expect(await jobs.findProcesses()).toEqual([]);
  });

  it('says 126 for a missing folder and 127 for a missing program', async () => {
    const inNoFolder = await startJob(jobs.path('a'), { ...jobs.job('true'), cwd: jobs.path('missing') });
    expect(await inNoFolder.wait()).toMatchObject({ exitCode: 126 });
    const noProgram = await startJob(jobs.path('b'), jobs.job('no-such-program'));
    expect(await noProgram.wait()).toMatchObject({ exitCode: 127 });
    expect(jobs.read('b', 'stderr')).toContain('no-such-program');
  });

  it('attaches instead of starting again, while it runs and afterwards', async () => {
    const spec = jobs.job('counts-starts.sh', jobs.path('starts'));
    await startJob(jobs.path('job'), spec);
    const again = await startJob(jobs.path('job'), jobs.job('touch', jobs.path('wrong')));
    await expect.poll(() => jobs.exists('starts')).toBe(true);
    writeFileSync(jobs.path('go'), '');
    expect(await again.wait()).toMatchObject({ kind: 'exited', exitCode: 0 });
    const afterwards = await startJob(jobs.path('job'), spec);
    expect(await afterwards.wait()).toEqual(await again.wait());
    expect(jobs.read('starts').trim().split('\n')).toHaveLength(1);
    expect(jobs.exists('wrong')).toBe(false);
  });

  it('rejects when no process can be made, and starts when called again', async () => {
    const spec = { ...jobs.job('true'), env: { TOO_LONG: 'x'.repeat(200_000) } };
    await expect(startJob(jobs.path('job'), spec)).rejects.toThrow('E2BIG');
    expect(await readJob(jobs.path('job'))).toMatchObject({ state: 'none' });
    const job = await startJob(jobs.path('job'), jobs.job('true'));
    expect(await job.wait()).toMatchObject({ kind: 'exited', exitCode: 0 });
  });
});

describe('wait', () => {
  it('rejects with the reason of an aborted signal while the job runs, and leaves it alone', async () => {
    const job = await startJob(jobs.path('job'), jobs.job('sleep', '300'));
    const controller = new AbortController();
    const waiting = job.wait({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(await readJob(jobs.path('job'))).toMatchObject({ state: 'running' });
    await stopJob(jobs.path('job'), { graceMs: 1_000, reason: 'test' });
    expect(await job.wait({ signal: controller.signal })).toMatchObject({ kind: 'exited', exitCode: 143 });
  });

  it('ends what a program leaves behind in its group, also when that ignores SIGTERM', async () => {
    const job = await startJob(jobs.path('job'), jobs.job('leaves-background.sh'));
    expect(await job.wait()).toMatchObject({ kind: 'exited', exitCode: 0 });
    expect(readIdentity(Number(jobs.read('job', 'stdout')))).toBeUndefined();
  });

  it('says lost when everything was killed, also when attached', async () => {
    const job = await startJob(jobs.path('job'), jobs.job('kills-all.sh'));
    expect(await job.wait()).toMatchObject({ kind: 'lost', reason: expect.stringContaining('no exit status') });
    expect(await attachJob(jobs.path('job')).wait()).toMatchObject({ kind: 'lost' });
  });

  it.runIf(isLinux)('says lost when the wrapper was killed, and ends the program', async () => {
    const job = await startJob(jobs.path('job'), jobs.job('kills-wrapper.sh'));
    expect(await job.wait()).toMatchObject({ kind: 'lost' });
    expect(await jobs.findProcesses()).toEqual([]);
  });
});

describe('a folder with nonsense', () => {
  const own = ownIdentity();
  it.each([
    ['text', 'hello'],
    ['every process of ours', `-1:${own.startTime}:${own.bootId}`],
    ['our own group', `0:${own.startTime}:${own.bootId}`],
    ['init', `1:${own.startTime}:${own.bootId}`],
    ['another boot', `${own.pid}:${own.startTime}:another`],
    ['a reused pid', `${own.pid}:1:${own.bootId}`],
  ])('is lost and nothing is signalled: the pid link says %s', async (_name, target) => {
    mkdirSync(jobs.path('job'));
    symlinkSync(target, jobs.path('job', 'pid'));
    const job = await startJob(jobs.path('job'), jobs.job('touch', jobs.path('started')));
    expect(await job.wait()).toMatchObject({ kind: 'lost', reason: expect.any(String) });
    await stopJob(jobs.path('job'), { graceMs: 0, reason: 'test' });
    expect(jobs.exists('started')).toBe(false);
    expect(isAlive(own)).toBe(true);
  });

  it('is lost when pid is no link', async () => {
    mkdirSync(jobs.path('job'));
    writeFileSync(jobs.path('job', 'pid'), '1');
    expect(await (await startJob(jobs.path('job'), jobs.job('true'))).wait()).toMatchObject({ kind: 'lost' });
  });

  it('is lost, and stays so, when the record is unreadable', async () => {
    mkdirSync(jobs.path('job'));
    writeFileSync(jobs.path('job', 'record.json'), '{"version": 2}');
    const job = await startJob(jobs.path('job'), jobs.job('touch', jobs.path('started')));
    expect(await job.wait()).toMatchObject({ kind: 'lost', reason: 'its record.json is unreadable' });
    expect(jobs.exists('started')).toBe(false);
  });

  it.each(['', '1', '12345\n', 'x\n', '-1\n', '\0\n'])('is lost when the exit status is %j', async (content) => {
    const job = await startJob(jobs.path('job'), jobs.job('true'));
    await job.wait();
    writeFileSync(jobs.path('job', 'exit'), content);
    expect(await attachJob(jobs.path('job')).wait()).toMatchObject({ kind: 'lost' });
  });

  it('takes an unreadable stop.json for a stop', async () => {
    await (await startJob(jobs.path('job'), jobs.job('true'))).wait();
    writeFileSync(jobs.path('job', 'stop.json'), '');
    expect(await readJob(jobs.path('job'))).toMatchObject({ state: 'exited', stop: { kind: 'aborted' } });
  });
});
