import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { UserError } from '../../src/errors.js';
import { isAlive, readIdentity } from '../../src/processes/identity.js';
import { findTemporalCli } from '../../src/temporal/binary.js';
import { devServerStatus, ensureDevServer, stopDevServer } from '../../src/temporal/dev-server.js';
import { devServerFiles } from '../../src/temporal/dev-server-files.js';
import { watchDevServer } from '../../src/temporal/dev-server-watch.js';
import { listSearchAttributes, SEARCH_ATTRIBUTES } from '../../src/temporal/search-attributes.js';
import { answerOf, callInProcess, isolateUser, killServer, portOf } from './isolated-user.js';

const FETCH_TIMEOUT_MS = 15 * 60_000;
let binary = '';
beforeAll(async () => {
  binary = await findTemporalCli();
}, FETCH_TIMEOUT_MS);

const user = isolateUser();
beforeEach(() => void vi.stubEnv('TEMPORAL_CLI_PATH', binary));

const ensure = () => ensureDevServer({ onProgress: user.onProgress });

async function withClient<T>(address: string, use: (client: Client, connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }), connection);
  } finally {
    await connection.close();
  }
}

async function kill(pid: number): Promise<void> {
  const identity = readIdentity(pid);
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(() => expect(identity && isAlive(identity)).toBe(false), { timeout: 15_000 });
}

/** A program of someone else on a port of this machine. */
async function occupy(port: number): Promise<{ port: number; leave: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const leave = () => new Promise<void>((done) => server.close(() => done()));
  return { port: portOf(server), leave };
}

describe('starting', () => {
  test('starts one with its Web UI, and finds it again', async () => {
    const first = await ensure();
    expect(first).toMatchObject({ started: true, address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
    expect(user.progress).toContain(`starting the Temporal server at ${first.address}`);
    expect(await (await fetch(first.webUrl)).text()).toContain('<html');
    expect(await ensure()).toEqual({ ...first, started: false });
    expect(await devServerStatus()).toMatchObject({
      kind: 'running',
      address: first.address,
      pid: first.pid,
      answers: true,
    });
  });

  test('the namespace knows the search attributes and keeps runs for a month', async () => {
    const { address } = await ensure();
    await withClient(address, async (_client, connection) => {
      expect(await listSearchAttributes(connection, 'default')).toEqual([...SEARCH_ATTRIBUTES]);
      const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
      expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3_600);
    });
  });

  test('only the user can read its state', async () => {
    await ensure();
    expect((await stat(user.files.folder)).mode & 0o077).toBe(0);
  });

  test('it outlives the command that started it', async () => {
    const { result } = await answerOf(callInProcess('src/temporal/dev-server.ts', 'ensureDevServer'));
    expect(await ensure()).toEqual({ ...result, started: false });
  });

  test('two commands at the same time start one', async () => {
    const calls = [1, 2].map(() => callInProcess('src/temporal/dev-server.ts', 'ensureDevServer'));
    const answers = await Promise.all(calls.map(answerOf));
    expect(new Set(answers.map(({ result }) => result?.pid)).size).toBe(1);
    expect(answers.filter(({ result }) => result?.started)).toHaveLength(1);
  });
});

describe('after a crash', () => {
  test('a killed server comes back on the same port with its workflows', async () => {
    const first = await ensure();
    await withClient(first.address, (client) =>
      client.workflow.start('any', { taskQueue: 'nobody', workflowId: 'kept' }),
    );
    await kill(first.pid);
    expect(await devServerStatus()).toMatchObject({ kind: 'stopped' });
    const second = await ensure();
    expect(second).toEqual({ ...first, pid: second.pid, started: true });
    expect(second.pid).not.toBe(first.pid);
    const status = await withClient(second.address, (client) => client.workflow.getHandle('kept').describe());
    expect(status.status.name).toBe('RUNNING');
  });

  test('a server whose record is lost is found by its name', async () => {
    const first = await ensure();
    await rm(user.files.record);
    expect(await devServerStatus()).toMatchObject({ kind: 'running', pid: first.pid });
    expect(await ensure()).toEqual({ ...first, started: false });
  });

  test('a record that names a dead process, another one or nonsense starts no second server and hides none', async () => {
    const first = await ensure();
    const record: { process: object } = JSON.parse(await readFile(user.files.record, 'utf8'));
    for (const content of [{ ...record, process: { ...record.process, startTime: '1' } }, { port: 'x' }, null]) {
      await writeFile(user.files.record, JSON.stringify(content));
      expect(await ensure()).toEqual({ ...first, started: false });
    }
  });

  test('a command killed at any point of the start leaves something that the next one can use', async () => {
    for (const delayMs of [0, 50, 150]) {
      const call = callInProcess('src/temporal/dev-server.ts', 'ensureDevServer');
      await new Promise<void>((begun) => call.stderr.once('data', () => begun()));
      await sleep(delayMs);
      call.kill('SIGKILL');
      await call.catch(() => undefined);
      const server = await ensure();
      expect(await withClient(server.address, (client) => client.workflow.count())).toMatchObject({ count: 0 });
      await killServer(user.files);
      for (const name of await readdir(user.files.folder)) await rm(path.join(user.files.folder, name));
    }
  });

  test('a database whose making was cut short is made anew', async () => {
    await mkdir(user.files.folder, { recursive: true });
    await writeFile(user.files.database, 'half');
    await writeFile(user.files.databaseIsNew, '');
    expect(await ensure()).toMatchObject({ started: true });
    expect(await readdir(user.files.folder)).not.toContain(path.basename(user.files.databaseIsNew));
  });

  test('any other broken database is an error that names it, and is left alone', async () => {
    await mkdir(user.files.folder, { recursive: true });
    await writeFile(user.files.database, 'years of work');
    const error = await ensure().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain('file is not a database');
    expect(String(error)).toContain(user.files.database);
    expect(await readFile(user.files.database, 'utf8')).toBe('years of work');
  });

  test('a watched server is started again when it dies, and not when it is stopped', async () => {
    const first = await ensure();
    const watching = watchDevServer({ onProgress: user.onProgress });
    try {
      await kill(first.pid);
      await vi.waitFor(
        async () =>
          expect(await devServerStatus()).toMatchObject({ kind: 'running', address: first.address, answers: true }),
        { timeout: 10_000, interval: 50 },
      );
      expect(await stopDevServer()).toMatchObject({ kind: 'stopped' });
      const told = user.progress.length;
      await sleep(1_500);
      expect(user.progress).toHaveLength(told);
      expect(await devServerStatus()).toMatchObject({ kind: 'stopped' });
    } finally {
      await watching.stop();
    }
  });
});

describe('ports', () => {
  test("someone else's port is left alone", async () => {
    const foreign = await occupy(0);
    try {
      await mkdir(user.files.folder, { recursive: true });
      await writeFile(user.files.record, JSON.stringify({ port: foreign.port, uiPort: foreign.port, process: null }));
      const server = await ensure();
      expect(server.address).not.toBe(`127.0.0.1:${foreign.port}`);
      expect(user.progress.join('\n')).toContain(`port ${foreign.port} is taken by now`);
      await withClient(server.address, (client) => client.workflow.count());
    } finally {
      await foreign.leave();
    }
  });

  test('of two users who start at the same moment each gets a server of their own', async () => {
    const folders = ['anna', 'ben'].map((name) => path.join(user.folder, name));
    const calls = folders.map((folder) =>
      callInProcess('src/temporal/dev-server.ts', 'ensureDevServer', {}, { XDG_STATE_HOME: folder }),
    );
    const answers = await Promise.all(calls.map(answerOf));
    try {
      expect(answers.map(({ result }) => result?.started)).toEqual([true, true]);
      expect(new Set(answers.map(({ result }) => result?.pid)).size).toBe(2);
      expect(new Set(answers.map(({ result }) => result?.address)).size).toBe(2);
    } finally {
      for (const folder of folders) {
        vi.stubEnv('XDG_STATE_HOME', folder);
        await killServer(devServerFiles());
      }
    }
  });

  test('a taken port that was asked for is an error that says who has it', async () => {
    const foreign = await occupy(0);
    try {
      vi.stubEnv('GARLAND_SERVER_PORT', String(foreign.port));
      const error = await ensure().catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(UserError);
      expect(String(error)).toMatch(
        new RegExp(
          `GARLAND_SERVER_PORT: port ${foreign.port} is taken by (.*\\(pid ${process.pid}\\)|another program)`,
        ),
      );
    } finally {
      await foreign.leave();
    }
    expect(await ensure()).toMatchObject({ address: `127.0.0.1:${foreign.port}` });
  });

  test.each(['0', '70000', 'http'])('%s is no port', async (value) => {
    vi.stubEnv('GARLAND_SERVER_PORT', value);
    await expect(ensure()).rejects.toThrow(`GARLAND_SERVER_PORT: ${value} is no port`);
  });
});

describe('stopping', () => {
  test('says what was stopped, and that nothing runs', async () => {
    expect(await stopDevServer()).toEqual({ kind: 'not_running' });
    const { address, pid } = await ensure();
    expect(await stopDevServer()).toEqual({ kind: 'stopped', address, pid, how: 'terminated' });
    expect(await stopDevServer()).toEqual({ kind: 'not_running' });
    expect(await ensure()).toMatchObject({ address, started: true });
  });
});

test('a state folder that cannot be made is an error that names it', async () => {
  await writeFile(path.join(user.folder, 'file'), '');
  vi.stubEnv('XDG_STATE_HOME', path.join(user.folder, 'file'));
  const error = await ensure().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  expect(String(error)).toMatch(/file\/garland\/server: cannot write there.*XDG_STATE_HOME/);
});
