import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UserError } from '../../src/errors.js';
import { findTemporalCli } from '../../src/temporal/binary.js';
import { answerOf, callInProcess, isolateUser, portOf } from './isolated-user.js';

const user = isolateUser();
let cached = '';
let bin = '';

beforeEach(async () => {
  vi.stubEnv('XDG_CACHE_HOME', path.join(user.folder, 'cache'));
  cached = path.join(user.folder, 'cache/garland/temporal-cli/v1.5.1/temporal');
  bin = path.join(user.folder, 'bin');
  await mkdir(bin);
});

/** A program that answers as a Temporal CLI of that server's version. */
async function placeTemporal(folder: string, server = '1.29.1'): Promise<string> {
  return place(folder, 'temporal', `echo 'temporal version 1.5.1 (Server ${server}, UI 2.42.1)'`);
}

async function place(folder: string, name: string, script: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

/** Nothing on PATH but what the test puts there, and the download without a network. */
const find = (env: NodeJS.ProcessEnv = {}, downloadBase = 'http://nowhere.invalid') =>
  findTemporalCli({ env: { PATH: bin, ...env }, downloadBase, onProgress: user.onProgress });

describe('a program that is there', () => {
  test('TEMPORAL_CLI_PATH comes first', async () => {
    const named = await placeTemporal(path.join(user.folder, 'named'));
    await placeTemporal(bin);
    expect(await find({ TEMPORAL_CLI_PATH: named })).toBe(named);
  });

  test.each([
    ['a missing file', '/does/not/exist', 'does not exist'],
    ['a folder', '/tmp', 'is not a file'],
    ['a file that cannot be run', 'package.json', 'is not executable'],
    ['another program', process.execPath, 'does not answer'],
  ])('%s in TEMPORAL_CLI_PATH is an error that names both', async (_what, file, reason) => {
    await placeTemporal(bin);
    const error = await find({ TEMPORAL_CLI_PATH: file }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain(`TEMPORAL_CLI_PATH: ${file} ${reason}`);
  });

  test('then PATH, then the cache', async () => {
    await placeTemporal(path.dirname(cached));
    expect(await find()).toBe(cached);
    const onPath = await placeTemporal(bin);
    expect(await find()).toBe(onPath);
  });

  test('one on PATH with too old a server, or that is something else, is passed over and told', async () => {
    await placeTemporal(path.dirname(cached));
    const old = await placeTemporal(bin, '1.20.4');
    const other = await place(path.join(user.folder, 'other'), 'temporal', 'echo hello');
    expect(await find({ PATH: `${bin}:${path.dirname(other)}` })).toBe(cached);
    expect(user.progress).toEqual([
      `${old} brings server 1.20.4, which is too old: passed over`,
      `${other} does not answer --version as a Temporal CLI does: passed over`,
    ]);
  });
});

describe('the download', () => {
  let server: Server;
  let requests: string[];
  afterEach(() => new Promise((done) => server.close(done)));

  async function serve(answer: RequestListener): Promise<string> {
    requests = [];
    server = createServer((request, response) => {
      requests.push(request.url ?? '');
      answer(request, response);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${portOf(server)}`;
  }

  async function packArchive(): Promise<Buffer> {
    const folder = path.join(user.folder, 'archive');
    await placeTemporal(folder);
    await execa('tar', ['-czf', path.join(user.folder, 'archive.tar.gz'), '-C', folder, 'temporal']);
    return readFile(path.join(user.folder, 'archive.tar.gz'));
  }

  test('is unpacked into the cache, follows redirects, and is used from there on', async () => {
    const archive = await packArchive();
    const base = await serve((request, response) => {
      if (request.url === '/moved') response.setHeader('content-length', archive.length).end(archive);
      else response.writeHead(302, { location: '/moved' }).end();
    });
    expect(await find({}, base)).toBe(cached);
    expect(await find({}, base)).toBe(cached);
    const platform = process.platform === 'darwin' ? 'darwin' : 'linux';
    const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
    expect(requests).toEqual([`/cli/archive/v1.5.1?platform=${platform}&arch=${arch}`, '/moved']);
    expect(user.progress.join('\n')).toContain('downloading the Temporal CLI v1.5.1: 100 %');
    expect(await readdir(path.dirname(cached))).toEqual(['temporal']);
  });

  test('a broken program in the cache is fetched again', async () => {
    const archive = await packArchive();
    await place(path.dirname(cached), 'temporal', 'exit 139');
    expect(await find({}, await serve((_request, response) => response.end(archive)))).toBe(cached);
    expect((await execa(cached, ['--version'])).stdout).toContain('temporal version');
  });

  test.each<[string, (archive: Buffer) => RequestListener]>([
    [
      'cut off',
      (archive) => (_request, response) => {
        response.setHeader('content-length', archive.length);
        response.write(archive.subarray(0, archive.length / 2), () => response.destroy());
      },
    ],
    ['half an archive', (archive) => (_request, response) => response.end(archive.subarray(0, archive.length / 2))],
    ['something else', () => (_request, response) => response.end('<html>log in to the hotel</html>')],
    ['an error', () => (_request, response) => response.writeHead(503).end()],
  ])('%s leaves nothing in the cache, and Go is tried', async (_what, answer) => {
    const base = await serve(answer(await packArchive()));
    await expect(find({}, base)).rejects.toThrow(/download: .+; go install: Go is not installed/);
    expect(await readdir(path.dirname(cached))).toEqual([]);
  });

  test('two commands at the same time fetch once', async () => {
    const archive = await packArchive();
    const base = await serve((_request, response) => setTimeout(() => response.end(archive), 500));
    const options = { downloadBase: base, env: { PATH: bin } };
    const calls = [1, 2].map(() => callInProcess('src/temporal/binary.ts', 'findTemporalCli', options));
    expect(await Promise.all(calls.map(answerOf))).toEqual([{ result: cached }, { result: cached }]);
    expect(requests).toHaveLength(1);
  });

  test('what a killed fetch left is taken away by the next one', async () => {
    const archive = await packArchive();
    const base = await serve((_request, response) => {
      if (requests.length > 1) response.end(archive);
      else response.write(archive.subarray(0, 10));
    });
    const call = callInProcess('src/temporal/binary.ts', 'findTemporalCli', { downloadBase: base, env: { PATH: bin } });
    await vi.waitFor(() => expect(requests).toHaveLength(1), { timeout: 20_000 });
    call.kill('SIGKILL');
    await call.catch(() => undefined);
    expect(await readdir(path.dirname(cached))).toContainEqual(expect.stringMatching(/^partial-/));
    expect(await find({}, base)).toBe(cached);
    expect(await readdir(path.dirname(cached))).toEqual(['temporal']);
  });
});

describe('go install', () => {
  test('builds the pinned version into the cache, away from the settings of other builds', async () => {
    await place(
      bin,
      'go',
      [
        'echo "go: downloading example.org/module v1.0.0" >&2',
        `echo "$@|$GOOS|$GOFLAGS|$CGO_ENABLED" > '${user.folder}/asked'`,
        `printf '#!/bin/sh\\necho "temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)"\\n' > "$GOBIN/temporal"`,
      ].join('\n'),
    );
    expect(await find({ GOOS: 'plan9', GOFLAGS: '-mod=vendor' })).toBe(cached);
    const asked = await readFile(path.join(user.folder, 'asked'), 'utf8');
    expect(asked.trim()).toBe('install github.com/temporalio/cli/cmd/temporal@v1.5.1|||0');
    expect(user.progress[1]).toMatch(/^no Temporal CLI by download: .*nowhere\.invalid/);
    expect(await readdir(path.dirname(cached))).toEqual(['temporal']);
  });

  test('its last line is the reason when it fails', async () => {
    await place(bin, 'go', 'echo "go: downloading a v1" >&2; echo "dial tcp: no route to the proxy" >&2; exit 1');
    await expect(find()).rejects.toThrow('go install: dial tcp: no route to the proxy');
  });
});

test('without network and Go the error says how to get one', async () => {
  const error = await find().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  expect(String(error)).toMatch(
    /go install: Go is not installed.*docs\.temporal\.io.*TEMPORAL_CLI_PATH.*TEMPORAL_ADDRESS/,
  );
});

test('a cache that cannot be made is an error that names it', async () => {
  await writeFile(path.join(user.folder, 'file'), '');
  vi.stubEnv('XDG_CACHE_HOME', path.join(user.folder, 'file'));
  await expect(find()).rejects.toThrow(/file\/garland.*cannot write there.*XDG_CACHE_HOME/);
});
