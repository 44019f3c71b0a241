import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { isAlive, readIdentity, type ProcessIdentity } from '../../src/processes/identity.js';
import { endProcess } from '../../src/temporal/end-process.js';
import { explainUnwritable } from '../../src/temporal/unwritable.js';

async function start(script: string): Promise<ProcessIdentity> {
  const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const identity = readIdentity(child.pid ?? 0);
  if (identity === undefined) throw new Error('it has ended already');
  onTestFinished(async () => void (await endProcess(identity, 0)));
  return identity;
}

test('a process that listens to SIGTERM is terminated, and one that has ended is no error', async () => {
  const identity = await start('echo up; exec sleep 60');
  expect(await endProcess(identity, 5_000)).toBe('terminated');
  expect(isAlive(identity)).toBe(false);
  expect(await endProcess(identity, 5_000)).toBe('terminated');
});

test('one that does not is killed, with what it has started', async () => {
  const identity = await start("trap '' TERM; sleep 60 & echo $!; wait; wait");
  expect(await endProcess(identity, 100)).toBe('killed');
  expect(isAlive(identity)).toBe(false);
});

test('a full disk is told as something to mend, anything else is passed on', () => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
  expect(String(explainUnwritable(full, '/some/folder', 'XDG_STATE_HOME'))).toMatch(
    /UserError: \/some\/folder: cannot write there, no space is left.*XDG_STATE_HOME/,
  );
  const other = new Error('other');
  expect(explainUnwritable(other, '/some/folder', 'XDG_STATE_HOME')).toBe(other);
});
