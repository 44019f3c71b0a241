import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readJob, startJob } from '../../src/processes/job.js';
import { useTemporaryJobs } from './temporary-jobs.js';

const jobs = useTemporaryJobs();

/** The processes that this one has for starting others. */
function findStarters(): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const found = lines.map((line) => line.trim().split(/\s+/)).filter(([, parent]) => parent === String(process.pid));
  return found.filter(([, , name]) => name === 'garland-starter').map(([pid]) => Number(pid));
}

const waiting = (name: string) => jobs.job('counts-starts.sh', jobs.path(name));

it('many jobs are started by one small process', async () => {
  const started = await Promise.all(
    ['a', 'b', 'c'].map((name) => startJob(jobs.path(`job-${name}`), jobs.job('true'))),
  );
  for (const job of started) expect(await job.wait()).toMatchObject({ kind: 'exited', exitCode: 0 });
  expect(findStarters()).toHaveLength(1);
});

it('when that is killed, what it has started goes on and is seen to end, and the next job gets another', async () => {
  const job = await startJob(jobs.path('job'), waiting('starts'));
  await expect.poll(() => jobs.exists('starts')).toBe(true);
  const [starter] = findStarters();
  process.kill(starter!, 'SIGKILL');
  await expect.poll(findStarters).toEqual([]);
  expect(await readJob(jobs.path('job'))).toMatchObject({ state: 'running' });

  const next = await startJob(jobs.path('next'), jobs.job('true'));
  expect(await next.wait()).toMatchObject({ kind: 'exited', exitCode: 0 });
  expect(findStarters()).not.toEqual([starter]);

  writeFileSync(jobs.path('go'), '');
  expect(await job.wait()).toMatchObject({ kind: 'exited', exitCode: 0 });
});
