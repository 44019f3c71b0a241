import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { atomicWrite } from '../../src/files/atomic-write.js';
import { compileSources } from './compile-sources.js';
import { makeTemporaryFolder } from './temporary-folder.js';

let compiled: Awaited<ReturnType<typeof compileSources>>;
beforeAll(async () => {
  compiled = await compileSources('src/files/atomic-write.ts');
});
afterAll(() => compiled.remove());

test('a new file has the content and nothing else is left', async () => {
  const folder = makeTemporaryFolder();
  const file = join(folder, 'a');
  const stats = await atomicWrite(file, 'one\n');
  expect(readFileSync(file, 'utf8')).toBe('one\n');
  expect(readdirSync(folder)).toEqual(['a']);
  expect(stats).toMatchObject({ ino: statSync(file, { bigint: true }).ino, size: 4n });
  expect(stats.ctimeNs).toBe(statSync(file, { bigint: true }).ctimeNs);
});

test('what somebody writes right afterwards makes the file differ from the stats', async () => {
  const file = join(makeTemporaryFolder(), 'a');
  const confirm = (): void => process.nextTick(() => appendFileSync(file, 'more'));
  const stats = await atomicWrite(file, 'one', { confirm });
  expect(readFileSync(file, 'utf8')).toBe('onemore');
  expect(stats.size).toBe(3n);
});

test('an existing file keeps its mode, also one that the umask would not give', async () => {
  const file = join(makeTemporaryFolder(), 'a');
  writeFileSync(file, 'old');
  for (const mode of [0o600, 0o666, 0o444, 0o755]) {
    chmodSync(file, mode);
    await atomicWrite(file, `mode ${mode}`);
    expect(statSync(file).mode & 0o7777).toBe(mode);
    expect(readFileSync(file, 'utf8')).toBe(`mode ${mode}`);
  }
});

test('a new file gets the asked mode', async () => {
  const file = join(makeTemporaryFolder(), 'a');
  await atomicWrite(file, 'secret', { mode: 0o600 });
  expect(statSync(file).mode & 0o7777).toBe(0o600);
});

test('a symbolic link stays one, and what it leads to is replaced', async () => {
  const folder = makeTemporaryFolder();
  mkdirSync(join(folder, 'elsewhere'));
  writeFileSync(join(folder, 'elsewhere/target'), 'old');
  symlinkSync('elsewhere/target', join(folder, 'link'));
  await atomicWrite(join(folder, 'link'), 'new');
  expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, 'elsewhere/target'), 'utf8')).toBe('new');
  expect(readdirSync(join(folder, 'elsewhere'))).toEqual(['target']);
});

test('what confirm throws is thrown on, and nothing has changed', async () => {
  const folder = makeTemporaryFolder();
  const file = join(folder, 'a');
  writeFileSync(file, 'old');
  const error = new Error('not now');
  const confirm = (): void => {
    throw error;
  };
  await expect(atomicWrite(file, 'new', { confirm })).rejects.toBe(error);
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['a']);
});

test('a missing folder is an error that names the file', async () => {
  const file = join(makeTemporaryFolder(), 'no/such/file');
  const write = atomicWrite(file, 'new');
  await expect(write).rejects.toThrow(UserError);
  await expect(write).rejects.toThrow(`${file}: could not be written (ENOENT`);
});

test('a folder in the way is an error, and no temporary file stays', async () => {
  const folder = makeTemporaryFolder();
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  await expect(atomicWrite(join(folder, 'a'), 'new')).rejects.toThrow('nothing was changed');
  expect(readdirSync(folder)).toEqual(['a']);
});

test('a disk that is full leaves the old content, no temporary file, and says so', async () => {
  const folder = makeTemporaryFolder();
  const file = join(folder, 'a');
  writeFileSync(file, 'old');
  const program = `
    import { atomicWrite } from ${JSON.stringify(join(compiled.folder, 'src/files/atomic-write.js'))};
    await atomicWrite(${JSON.stringify(file)}, 'x'.repeat(1_000_000)).catch((error) => console.log(error.name, error.message));
  `;
  // A limit on the size of files fails in the middle of writing, as a full disk does.
  const limited = `trap '' XFSZ; ulimit -f 16; exec "$0" --input-type=module --eval "$1"`;
  const { stdout } = await execa('sh', ['-c', limited, process.execPath, program]);
  expect(stdout).toBe(
    `UserError ${file}: could not be written (EFBIG: file too large), nothing was changed; free some space`,
  );
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['a']);
});

test('a process killed in the middle of writing leaves the old content or the new, and the next write tidies up', async () => {
  const folder = makeTemporaryFolder();
  const file = join(folder, 'a');
  const [a, b] = ['a'.repeat(3_000_000), 'b'.repeat(3_000_000)];
  await atomicWrite(file, a);
  const program = `
    import { atomicWrite } from ${JSON.stringify(join(compiled.folder, 'src/files/atomic-write.js'))};
    console.log('ready');
    for (;;) for (const letter of 'ba') await atomicWrite(${JSON.stringify(file)}, letter.repeat(3_000_000));
  `;
  for (let round = 0; round < 5; round += 1) {
    const child = execa(process.execPath, ['--input-type=module', '--eval', program], { reject: false });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    for (let writes = 0, ino = statSync(file).ino; writes < 2 + round;) {
      const now = statSync(file).ino;
      if (now !== ino) [writes, ino] = [writes + 1, now];
      await new Promise(setImmediate);
    }
    child.kill('SIGKILL');
    await child;
    expect([a, b]).toContain(readFileSync(file, 'utf8'));
  }
  await atomicWrite(file, 'end');
  expect(readdirSync(folder)).toEqual(['a']);
});
