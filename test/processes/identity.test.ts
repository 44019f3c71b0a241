import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAlive, ownIdentity, processIdentitySchema, readIdentity } from '../../src/processes/identity.js';

describe('identity', () => {
  it('finds this process alive and passes its own schema', () => {
    const own = ownIdentity();
    expect(own.pid).toBe(process.pid);
    expect(isAlive(own)).toBe(true);
    expect(processIdentitySchema.parse(JSON.parse(JSON.stringify(own)))).toEqual(own);
  });

  it('takes a reused pid for another process', () => {
    const own = ownIdentity();
    expect(isAlive({ ...own, startTime: `${own.startTime}0` })).toBe(false);
    expect(isAlive({ ...own, bootId: 'another' })).toBe(false);
  });

  it('answers undefined for what is no process', () => {
    for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 30]) expect(readIdentity(pid)).toBeUndefined();
  });

  it('reads a program whose name holds spaces and parentheses', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'garland-identity-'));
    const program = join(folder, 'a) S 1 (b');
    copyFileSync('/bin/sleep', program);
    const child = spawn(program, ['60']);
    await once(child, 'spawn');
    const identity = readIdentity(child.pid!);
    expect(identity?.startTime).toMatch(process.platform === 'linux' ? /^\d{2,}$/ : /\d{4}$/);
    expect(isAlive(identity!)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(identity!)).toBe(false);
    rmSync(folder, { recursive: true });
  });

  it('takes a zombie for dead', async () => {
    // The shell starts a child and becomes `sleep`, which never reaps it.
    const parent = spawn('sh', ['-c', "sleep 60 & exec sh -c 'echo $0; exec sleep 60' $!"], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line]: string[] = await once(parent.stdout.setEncoding('utf8'), 'data');
    const pid = Number(line);
    const readParentName = () =>
      execFileSync('ps', ['-o', 'comm=', '-p', String(parent.pid)], { encoding: 'utf8' }).trim();
    await expect.poll(readParentName).toMatch(/sleep$/);
    expect(readIdentity(pid)).toBeDefined();
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => readIdentity(pid)).toBeUndefined();
    expect(() => process.kill(pid, 0)).not.toThrow();
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  });
});
