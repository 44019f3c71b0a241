import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { UserError } from '../../src/errors.js';
import { withFileLock } from '../../src/files/file-lock.js';
import { readIdentity, type ProcessIdentity } from '../../src/processes/identity.js';
import { compileSources } from './compile-sources.js';
import { makeTemporaryFolder } from './temporary-folder.js';

let compiled: Awaited<ReturnType<typeof compileSources>>;
beforeAll(async () => {
  compiled = await compileSources('src/files/file-lock.ts');
});
afterAll(() => compiled.remove());

test('the result is returned, what is thrown is thrown on, and the lock is free afterwards', async () => {
  const folder = makeTemporaryFolder();
  const lock = join(folder, 'made/on/demand/x.lock');
  expect(await withFileLock(lock, () => 42)).toBe(42);
  await expect(withFileLock(lock, () => Promise.reject(new Error('inside')))).rejects.toThrow('inside');
  expect(await withFileLock(lock, () => readFileSync(lock, 'utf8'))).toContain(`"pid":${process.pid},`);
  expect(readdirSync(join(folder, 'made/on/demand'))).toEqual([]);
});

test('callers in one process take turns in the order in which they came', async () => {
  const lock = join(makeTemporaryFolder(), 'x.lock');
  const order: string[] = [];
  await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      withFileLock(lock, async () => {
        order.push(`${index} in`);
        await new Promise(setImmediate);
        order.push(`${index} out`);
      }),
    ),
  );
  expect(order).toEqual(Array.from({ length: 50 }, (_, index) => [`${index} in`, `${index} out`]).flat());
});

test('a time-out names the holder, and those behind still get their turn', async () => {
  const lock = join(makeTemporaryFolder(), 'x.lock');
  const holder = startSleeper();
  writeLock(lock, readIdentity(holder.pid!)!);
  const waiting = withFileLock(lock, () => 'never', { timeoutMs: 100 });
  const second = withFileLock(lock, () => 'second');
  await expect(waiting).rejects.toThrow(UserError);
  await expect(waiting).rejects.toThrow(`${lock}: held by process ${holder.pid}, still after 0.1 s`);
  holder.kill('SIGKILL');
  expect(await second).toBe('second');
});

test('a time-out within one process names this process', async () => {
  const lock = join(makeTemporaryFolder(), 'x.lock');
  await withFileLock(lock, async () => {
    await expect(withFileLock(lock, () => 0, { timeoutMs: 20 })).rejects.toThrow(`process ${process.pid},`);
  });
  expect(await withFileLock(lock, () => 'free')).toBe('free');
});

test('waiting can be stopped: for the file, and for the turn', async () => {
  const folder = makeTemporaryFolder();
  const lock = join(folder, 'x.lock');
  const holder = startSleeper();
  writeLock(lock, readIdentity(holder.pid!)!);
  const controller = new AbortController();
  const { signal } = controller;
  const both = [withFileLock(lock, () => 0, { signal }), withFileLock(lock, () => 0, { signal })];
  const settled = Promise.allSettled(both);
  await vi.waitUntil(() => readdirSync(folder).length === 2);
  controller.abort(new Error('enough'));
  expect(await settled).toMatchObject([{ reason: { message: 'enough' } }, { reason: { message: 'enough' } }]);
  await expect(withFileLock(lock, () => 0, { signal })).rejects.toThrow('enough');
  expect(readdirSync(folder)).toEqual(['x.lock']);
});

test('the lock of a dead process, a recycled pid or another boot is taken over at once', async () => {
  const folder = makeTemporaryFolder();
  const lock = join(folder, 'x.lock');
  const own = readIdentity(process.pid)!;
  const dead = startSleeper();
  const deadIdentity = readIdentity(dead.pid!)!;
  dead.kill('SIGKILL');
  await dead;
  for (const identity of [deadIdentity, { ...own, startTime: '1' }, { ...own, bootId: 'another' }]) {
    writeLock(lock, identity);
    expect(await withFileLock(lock, () => 'mine', { timeoutMs: 0 })).toBe('mine');
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('a dead lock whose dead remover has the right to remove it is taken over too', async () => {
  const folder = makeTemporaryFolder();
  const lock = join(folder, 'x.lock');
  const dead = { ...readIdentity(process.pid)!, startTime: '1' };
  writeLock(lock, dead, 'aaaa');
  writeLock(`${lock}.aaaa.steal`, dead, 'bbbb');
  writeLock(`${lock}.bbbb.steal`, dead, 'cccc');
  writeLock(`${lock}.dddd.tmp`, dead, 'dddd');
  expect(await withFileLock(lock, () => 'mine', { timeoutMs: 0 })).toBe('mine');
  expect(readdirSync(folder)).toEqual([]);
});

test('while a living process removes a dead lock, nobody else does', async () => {
  const folder = makeTemporaryFolder();
  const lock = join(folder, 'x.lock');
  const remover = startSleeper();
  writeLock(lock, { ...readIdentity(process.pid)!, startTime: '1' }, 'aaaa');
  writeLock(`${lock}.aaaa.steal`, readIdentity(remover.pid!)!, 'bbbb');
  await expect(withFileLock(lock, () => 0, { timeoutMs: 100 })).rejects.toThrow('held by process');
  expect(readdirSync(folder).toSorted()).toEqual(['x.lock', 'x.lock.aaaa.steal']);
});

test.each([
  ['nothing', ''],
  ['no JSON', 'hello'],
  ['another JSON', '{"pid":1}'],
  ['a token that is a path', JSON.stringify({ ...readIdentity(process.pid), token: '../../x' })],
])('a lock that holds %s is taken over once it is old, not before', async (_what, content) => {
  const folder = makeTemporaryFolder();
  const lock = join(folder, 'x.lock');
  writeFileSync(lock, content);
  await expect(withFileLock(lock, () => 0, { timeoutMs: 30 })).rejects.toThrow('held by an unreadable lock');
  utimesSync(lock, new Date(), new Date(Date.now() - 6_000));
  expect(await withFileLock(lock, () => 'mine', { timeoutMs: 0 })).toBe('mine');
  expect(readdirSync(folder)).toEqual([]);
});

test('processes that leave dead locks to each other again and again are never in it at the same time', async () => {
  const folder = makeTemporaryFolder();
  const lock = join(folder, 'x.lock');
  const [inside, counter] = [join(folder, 'inside'), join(folder, 'counter')];
  const dead = { ...readIdentity(process.pid)!, startTime: '1' };
  writeFileSync(counter, '0');
  const program = `
    import { randomUUID } from 'node:crypto';
    import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
    import { withFileLock } from ${JSON.stringify(join(compiled.folder, 'src/files/file-lock.js'))};
    const [lock, counter, inside] = process.argv.slice(1);
    for (let round = 0; round < 150; round += 1) {
      await withFileLock(lock, async () => {
        writeFileSync(inside, '', { flag: 'wx' });
        await new Promise(setImmediate);
        writeFileSync(counter, String(Number(readFileSync(counter, 'utf8')) + 1));
        rmSync(inside);
        const token = randomUUID();
        writeFileSync(inside + token, JSON.stringify({ ...${JSON.stringify(dead)}, token }));
        renameSync(inside + token, lock);
      });
    }
  `;
  const argv = ['--input-type=module', '--eval', program, lock, counter, inside];
  const children = Array.from({ length: 4 }, () => execa(process.execPath, argv, { reject: false }));
  expect((await Promise.all(children)).map(({ stdout, stderr }) => stdout + stderr).join('')).toBe('');
  expect(readFileSync(counter, 'utf8')).toBe('600');
  await withFileLock(lock, () => 0, { timeoutMs: 1_000 });
  expect(readdirSync(folder)).toEqual(['counter']);
});

test('many processes, killed while they hold the lock, never count wrong', { timeout: 60_000 }, async () => {
  const folder = makeTemporaryFolder();
  const lock = join(folder, 'x.lock');
  const counter = join(folder, 'counter');
  const inside = join(folder, 'inside');
  writeFileSync(counter, '0');
  // Each killed one has counted and still has the lock. The last ones count in peace.
  const program = `
    import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
    import { withFileLock } from ${JSON.stringify(join(compiled.folder, 'src/files/file-lock.js'))};
    import { readIdentity } from ${JSON.stringify(join(compiled.folder, 'src/processes/identity.js'))};
    const [lock, counter, inside, rounds, dies] = process.argv.slice(1);
    for (let round = 1; round <= Number(rounds); round += 1) {
      await withFileLock(lock, async () => {
        // A killed one stays as a zombie until it is reaped, which is dead for readIdentity.
        const before = existsSync(inside) ? Number(readFileSync(inside, 'utf8')) : 0;
        if (readIdentity(before)) console.log('two at a time');
        writeFileSync(inside, String(process.pid));
        const count = Number(readFileSync(counter, 'utf8'));
        await new Promise((resolve) => setTimeout(resolve, 1));
        writeFileSync(counter, String(count + 1));
        if (dies === 'dies' && round === Number(rounds)) process.kill(process.pid, 'SIGKILL');
        rmSync(inside);
      });
    }
  `;
  const start = (rounds: number, end: 'dies' | 'lives') =>
    execa(process.execPath, ['--input-type=module', '--eval', program, lock, counter, inside, String(rounds), end], {
      reject: false,
    });
  const children = [3, 5, 7, 4, 6, 2].map((rounds) => start(rounds, 'dies'));
  children.push(start(20, 'lives'), start(20, 'lives'));
  const results = await Promise.all(children);
  expect(results.map(({ stdout, stderr }) => stdout + stderr).join('')).toBe('');
  expect(results.map(({ signal, exitCode }) => signal ?? exitCode)).toEqual([
    ...Array.from({ length: 6 }, () => 'SIGKILL'),
    0,
    0,
  ]);
  expect(readFileSync(counter, 'utf8')).toBe(String(3 + 5 + 7 + 4 + 6 + 2 + 20 + 20));
  // Whoever has the lock next is let in at once.
  expect(await withFileLock(lock, () => 'mine', { timeoutMs: 1_000 })).toBe('mine');
  expect(existsSync(lock)).toBe(false);
});

function startSleeper(): ResultPromise {
  const sleeper = execa('sleep', ['600'], { reject: false });
  onTestFinished(() => void sleeper.kill('SIGKILL'));
  return sleeper;
}

function writeLock(path: string, identity: ProcessIdentity, token = 'abc-123'): void {
  writeFileSync(path, JSON.stringify({ ...identity, token }));
}
