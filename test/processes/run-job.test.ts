import { lutimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LeftRunning, readJob, runJob, startJob, stopJob, type Interruption } from '../../src/processes/job.js';
import { superviseJob } from '../../src/processes/supervise-job.js';
import { useTemporaryJobs } from './temporary-jobs.js';

const jobs = useTemporaryJobs();
const limits = { timeoutMs: 0, graceMs: 500, signal: new AbortController().signal };

function interruptible() {
  const controller = new AbortController();
  return { signal: controller.signal, interrupt: (interruption: Interruption) => controller.abort(interruption) };
}

describe('runJob', () => {
  it('answers exit status and the end of both outputs in order, and the same again later', async () => {
    const script = 'echo one; echo two >&2; echo three; exit 4';
    const options = { ...limits, ...jobs.job('sh', '-c', script) };
    const result = await runJob(jobs.path('job'), options);
    expect(result).toMatchObject({ outcome: 'exited', exitCode: 4, reason: 'exit 4', tail: 'one\ntwo\nthree\n' });
    expect(result.seconds).toBeLessThan(10);
    expect(jobs.read('job', 'stdout')).toBe('one\ntwo\nthree\n');
    expect(await runJob(jobs.path('job'), options)).toEqual(result);
  });

  it('cuts the tail of a large output', async () => {
    const { tail } = await runJob(jobs.path('job'), { ...limits, ...jobs.job('writes-much.sh') });
    expect(Buffer.byteLength(tail)).toBe(3_000);
    expect(tail).toMatch(/^…x+\nall done\n$/);
  });

  it('stops at its timeout, and answers so again', async () => {
    const options = { ...limits, ...jobs.job('ignores-sigterm.sh'), timeoutMs: 300, graceMs: 100 };
    const result = await runJob(jobs.path('job'), options);
    expect(result).toMatchObject({ outcome: 'timed_out', reason: 'stopped after 0.3s', tail: 'ready\n' });
    expect(result.exitCode).toBeUndefined();
    expect(await runJob(jobs.path('job'), options)).toMatchObject({ outcome: 'timed_out' });
  });

  it('counts the timeout from the start of the job, not of the call', async () => {
    await startJob(jobs.path('job'), jobs.job('sleep', '300'));
    const anHourAgo = new Date(Date.now() - 3_600_000);
    lutimesSync(jobs.path('job', 'pid'), anHourAgo, anHourAgo);
    const options = { ...limits, ...jobs.job('sleep', '300'), timeoutMs: 1_800_000 };
    const result = await runJob(jobs.path('job'), options);
    expect(result).toMatchObject({ outcome: 'timed_out', reason: 'stopped after 30m' });
    expect(result.seconds).toBeGreaterThan(3_599);
  });

  it('stops when it is told to, and says why', async () => {
    const { signal, interrupt } = interruptible();
    const running = runJob(jobs.path('job'), { ...limits, ...jobs.job('sleep', '300'), signal });
    await expect.poll(async () => (await readJob(jobs.path('job'))).state).toBe('running');
    interrupt({ kind: 'stop', reason: 'somebody pressed the button' });
    expect(await running).toMatchObject({ outcome: 'aborted', reason: 'somebody pressed the button' });
  });

  it('has its whole time, and no more, when the clock was set back by a month since its start', async () => {
    const start = async (name: string, program: string[]) => {
      await startJob(jobs.path(name), jobs.job(program[0] ?? '', ...program.slice(1)));
      const inAMonth = new Date(Date.now() + 30 * 86_400_000);
      lutimesSync(jobs.path(name, 'pid'), inAMonth, inAMonth);
      return { ...limits, ...jobs.job('true') };
    };
    const short = await start('short', ['sleep', '1']);
    expect(await runJob(jobs.path('short'), { ...short, timeoutMs: 60_000 })).toMatchObject({ outcome: 'exited' });
    const long = await start('long', ['sleep', '300']);
    expect(await runJob(jobs.path('long'), { ...long, timeoutMs: 300 })).toMatchObject({ outcome: 'timed_out' });
  });

  it('takes any other reason of a signal for a stop', async () => {
    const controller = new AbortController();
    const running = runJob(jobs.path('job'), { ...limits, ...jobs.job('sleep', '300'), signal: controller.signal });
    controller.abort(new Error('why not'));
    expect(await running).toMatchObject({ outcome: 'aborted', reason: 'why not' });
  });

  it('never starts what is stopped beforehand', async () => {
    const { signal, interrupt } = interruptible();
    interrupt({ kind: 'stop', reason: 'too late' });
    const options = { ...limits, ...jobs.job('touch', jobs.path('started')), signal };
    expect(await runJob(jobs.path('job'), options)).toMatchObject({
      outcome: 'aborted',
      reason: 'too late',
      seconds: 0,
    });
    expect(await runJob(jobs.path('job'), { ...options, signal: limits.signal })).toMatchObject({ outcome: 'aborted' });
    expect(jobs.exists('started')).toBe(false);
  });

  it('leaves it running when it is told to, and finds it again', async () => {
    const options = { ...limits, ...jobs.job('sleep', '1') };
    const { signal, interrupt } = interruptible();
    const running = runJob(jobs.path('job'), { ...options, signal });
    await expect.poll(async () => (await readJob(jobs.path('job'))).state).toBe('running');
    interrupt({ kind: 'leave' });
    await expect(running).rejects.toThrow(LeftRunning);
    await expect(runJob(jobs.path('job'), { ...options, signal })).rejects.toThrow(LeftRunning);
    expect(await readJob(jobs.path('job'))).toMatchObject({ state: 'running' });
    expect(await runJob(jobs.path('job'), options)).toMatchObject({ outcome: 'exited', exitCode: 0 });
  });

  it('keeps the real end of what had ended before it was told to stop', async () => {
    const options = { ...limits, ...jobs.job('sh', '-c', 'exit 5') };
    await runJob(jobs.path('job'), options);
    const { signal, interrupt } = interruptible();
    interrupt({ kind: 'stop', reason: 'late' });
    expect(await runJob(jobs.path('job'), { ...options, signal })).toMatchObject({ outcome: 'exited', exitCode: 5 });
  });

  it('finishes a stop that a crash interrupted, for its reason', async () => {
    await startJob(jobs.path('job'), jobs.job('ignores-sigterm.sh'));
    // The first stop writes its reason down, and is as good as dead for as long as its grace lasts.
    const dead = stopJob(jobs.path('job'), { graceMs: 60_000, reason: 'the first', kind: 'timed_out' });
    await expect.poll(() => jobs.exists('job', 'stop.json')).toBe(true);
    const result = await runJob(jobs.path('job'), { ...limits, ...jobs.job('ignores-sigterm.sh'), graceMs: 100 });
    expect(result).toMatchObject({ outcome: 'timed_out', reason: 'the first' });
    await dead;
  });

  it('says lost', async () => {
    const result = await runJob(jobs.path('job'), { ...limits, ...jobs.job('kills-all.sh') });
    expect(result).toMatchObject({ outcome: 'lost', reason: expect.stringContaining('no exit status') });
  });
});

describe('superviseJob', () => {
  const supervise = (script: string, stallTimeoutMs: number) =>
    superviseJob(jobs.path('job'), jobs.job('sh', '-c', script), { ...limits, stallTimeoutMs });

  it('stops what writes nothing for too long', async () => {
    const { stop } = await supervise('echo a; sleep 300', 300);
    expect(stop).toEqual({ kind: 'stalled', reason: 'stopped after 0.3s without output' });
  });

  it('leaves alone what keeps writing, to either output', async () => {
    const script = 'for n in 1 2 3 4 5; do sleep 0.2; echo a; sleep 0.2; echo b >&2; done';
    const { end, stop } = await supervise(script, 1_000);
    expect(stop).toBeUndefined();
    expect(end).toMatchObject({ kind: 'exited', exitCode: 0 });
  });
});
