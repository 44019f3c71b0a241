import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readIdentity } from '../../src/processes/identity.js';
import { WRAPPER } from '../../src/processes/wrapper.js';
import { isLinux, useTemporaryJobs } from './temporary-jobs.js';

const jobs = useTemporaryJobs();
const ROOM = `${' '.repeat(15)}\n`;
/** `sh` of macOS is bash. */
const shells = ['/bin/sh', 'bash'].filter((shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0);

function start(shell: string, script: string, ...argv: string[]) {
  mkdirSync(jobs.path('job'), { recursive: true });
  writeFileSync(jobs.path('job', 'exit'), ROOM, { flag: 'a' });
  const mode = shell === 'bash' ? ['--posix'] : [];
  return spawn(shell, [...mode, '-c', script, 'garland-job', 'boot', jobs.path(), ...argv], {
    cwd: jobs.path('job'),
    env: { PATH: process.env['PATH'], GARLAND_JOB: jobs.path('job') },
    detached: true,
    stdio: 'ignore',
  });
}

describe.each(shells)('the wrapper in %s', (shell) => {
  it('keeps the exit status in the room that it has', async () => {
    await once(start(shell, WRAPPER, 'sh', '-c', 'exit 42'), 'exit');
    expect(jobs.read('job', 'exit')).toBe(`42\n${' '.repeat(12)}\n`);
  });

  it('writes down who it is before it starts the program', async () => {
    const child = start(shell, WRAPPER, 'sh', '-c', 'cp -P job/pid seen; exec sleep 300');
    await expect.poll(() => jobs.exists('job')).toBe(true);
    await expect.poll(() => spawnSync('test', ['-L', jobs.path('seen')]).status).toBe(0);
    expect(readlinkSync(jobs.path('seen'))).toBe(`${child.pid}:${readIdentity(child.pid!)?.startTime}:boot`);
    process.kill(-child.pid!, 'SIGKILL');
    await once(child, 'exit');
  });

  it('starts nothing when the link is there, also when it leads to a folder', async () => {
    mkdirSync(jobs.path('job', 'trap'), { recursive: true });
    execFileSync('ln', ['-s', 'trap', jobs.path('job', 'pid')]);
    const [code] = await once(start(shell, WRAPPER, 'touch', 'started'), 'exit');
    expect(code).toBe(125);
    expect(jobs.exists('started')).toBe(false);
    expect(jobs.read('job', 'exit')).toBe(ROOM);
    expect(execFileSync('ls', [jobs.path('job', 'trap')], { encoding: 'utf8' })).toBe('');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'outlives %s to the group, and its program does not',
    async (signal) => {
      const child = start(shell, WRAPPER, 'sh', '-c', 'touch ready; exec sleep 300');
      await expect.poll(() => jobs.exists('ready')).toBe(true);
      const ended = once(child, 'exit');
      process.kill(-child.pid!, signal);
      const [code] = await ended;
      expect(code).toBe({ SIGTERM: 143, SIGINT: 130, SIGHUP: 129 }[signal]);
      expect(jobs.read('job', 'exit')).toMatch(new RegExp(`^${code}\n`));
    },
  );

  it.runIf(isLinux)('without /proc asks ps, as on macOS', async () => {
    const child = start(shell, WRAPPER.replaceAll('/proc/', '/no-proc/'), 'sh', '-c', 'touch ready; exec sleep 300');
    await expect.poll(() => jobs.exists('ready')).toBe(true);
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(child.pid)], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    });
    expect(readlinkSync(jobs.path('job', 'pid'))).toBe(`${child.pid}:${started.trim().split(/\s+/).join(' ')}:boot`);
    process.kill(-child.pid!, 'SIGKILL');
    await once(child, 'exit');
  });
});
