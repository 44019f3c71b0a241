import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { findDevServerProcess } from '../../src/temporal/dev-server-process.js';
import { devServerFiles, type DevServerFiles } from '../../src/temporal/dev-server-files.js';
import type { DevServer } from '../../src/temporal/dev-server.js';
import { endProcess } from '../../src/temporal/end-process.js';

export interface IsolatedUser {
  folder: string;
  files: DevServerFiles;
  progress: string[];
  onProgress: (line: string) => void;
}

/**
 * For each test a user of its own, whose folders have a name that would break an unquoted URI. After the test its server
 * is killed, and that none is left is checked.
 */
export function isolateUser(): IsolatedUser {
  const user: IsolatedUser = {
    folder: '',
    files: devServerFiles(),
    progress: [],
    onProgress: (line) => user.progress.push(line),
  };
  beforeEach(async () => {
    user.folder = await mkdtemp(path.join(tmpdir(), 'garland #1?a=%20 '));
    for (const name of Object.keys(process.env)) if (/^(TEMPORAL|GARLAND)_/.test(name)) vi.stubEnv(name, undefined);
    vi.stubEnv('XDG_STATE_HOME', path.join(user.folder, 'state'));
    vi.stubEnv('XDG_CONFIG_HOME', path.join(user.folder, 'config'));
    user.files = devServerFiles();
    user.progress = [];
  });
  afterEach(async (context) => {
    await killServer(user.files);
    vi.unstubAllEnvs();
    if (context.task.result?.state !== 'fail') await rm(user.folder, { recursive: true });
  });
  return user;
}

/** Quicker than stopping it. */
export async function killServer(files: DevServerFiles): Promise<void> {
  const found = await findDevServerProcess(files);
  if (found !== undefined) await endProcess(found.process, 0);
  expect(await findDevServerProcess(files)).toBeUndefined();
}

export interface CallAnswer {
  /** Of `ensureDevServer`. */
  result?: DevServer;
  error?: { name: string; message: string };
}

/** One function of the sources, called in a process of its own with this process's environment. */
export function callInProcess(file: string, name: string, options: object = {}, env: NodeJS.ProcessEnv = {}) {
  return execa(process.execPath, ['test/fixtures/temporal/call.mjs', file, name, JSON.stringify(options)], { env });
}

export async function answerOf(call: ReturnType<typeof callInProcess>): Promise<CallAnswer> {
  const answer: CallAnswer = JSON.parse((await call).stdout);
  return answer;
}

/** Of a server that listens by TCP. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address.port;
}
