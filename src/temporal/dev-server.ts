import { mkdir, rm } from 'node:fs/promises';
import { UserError } from '../errors.js';
import { withFileLock } from '../files/file-lock.js';
import { isAlive } from '../processes/identity.js';
import { findTemporalCli } from './binary.js';
import { devServerFiles, type DevServerFiles } from './dev-server-files.js';
import { answersOnce, waitForAnswer } from './dev-server-health.js';
import { trimLog } from './dev-server-log.js';
import { findDevServerProcess, type FoundServer } from './dev-server-process.js';
import { readDevServerRecord, writeDevServerRecord } from './dev-server-record.js';
import { startDevServer } from './dev-server-start.js';
import { endProcess } from './end-process.js';
import { tellWhile, type OnProgress } from './progress.js';
import { explainUnwritable } from './unwritable.js';

export interface DevServer {
  /** `127.0.0.1:7233` */
  address: string;
  webUrl: string;
  pid: number;
  /** Whether this call started it. */
  started: boolean;
}

/**
 * The dev server of this user, started if it doesn't run: a process of its own that stays. After a crash it comes back on
 * the same database, and on the same ports where they are still free.
 *
 * @throws UserError when it can't be started, doesn't answer, or its folder can't be written
 */
export async function ensureDevServer(options: { onProgress?: OnProgress } = {}): Promise<DevServer> {
  const { onProgress } = options;
  const files = devServerFiles();
  const running = await reuse(await findByRecord(files), files, onProgress);
  if (running !== undefined) return running;
  // Before the server's lock is taken: fetching the program can take minutes, and has a lock of its own.
  const binary = await findTemporalCli({ onProgress });
  return withServerLock(files, onProgress, async () => {
    const found = (await findByRecord(files)) ?? (await adoptByName(files));
    const reused = await reuse(found, files, onProgress);
    if (reused !== undefined) return reused;
    const record = await startDevServer(binary, files, await readDevServerRecord(files.record), onProgress);
    return { ...describe(record), pid: record.process?.pid ?? 0, started: true };
  });
}

export type DevServerStatus =
  | { kind: 'running'; address: string; webUrl: string; pid: number; answers: boolean; log: string; database: string }
  | { kind: 'stopped'; log: string; database: string };

/** Starts nothing. `answers` is false for a server that is alive but silent for 5 s. */
export async function devServerStatus(): Promise<DevServerStatus> {
  const files = devServerFiles();
  const { log, database } = files;
  const found = await findServer(files);
  if (found === undefined) return { kind: 'stopped', log, database };
  const answers = await answersOnce(describe(found).address, 5_000);
  return { kind: 'running', ...describe(found), pid: found.process.pid, answers, log, database };
}

export type StoppedDevServer =
  | { kind: 'stopped'; address: string; pid: number; how: 'terminated' | 'killed' }
  | { kind: 'not_running' };

/** Asks the server to end, and kills it when it hasn't after 10 s. Runs that go on wait until a server is there again. */
export async function stopDevServer(options: { onProgress?: OnProgress } = {}): Promise<StoppedDevServer> {
  const files = devServerFiles();
  if ((await findServer(files)) === undefined) return { kind: 'not_running' };
  return withServerLock(files, options.onProgress, async () => {
    const found = await findServer(files);
    if (found === undefined) return { kind: 'not_running' };
    // First the record: whoever watches the server must not take this for a crash.
    await writeDevServerRecord(files.record, { port: found.port, uiPort: found.uiPort, process: null });
    const how = await endProcess(found.process, STOP_GRACE_MS);
    return { kind: 'stopped', address: describe(found).address, pid: found.process.pid, how };
  });
}

async function findServer(files: DevServerFiles): Promise<FoundServer | undefined> {
  return (await findByRecord(files)) ?? (await findDevServerProcess(files));
}

async function findByRecord(files: DevServerFiles): Promise<FoundServer | undefined> {
  const record = await readDevServerRecord(files.record);
  if (!record?.process || !isAlive(record.process)) return undefined;
  return { process: record.process, port: record.port, uiPort: record.uiPort };
}

/** A server whose starter died before it wrote the record. */
async function adoptByName(files: DevServerFiles): Promise<FoundServer | undefined> {
  const found = await findDevServerProcess(files);
  if (found !== undefined) await writeDevServerRecord(files.record, found);
  return found;
}

async function reuse(
  found: FoundServer | undefined,
  files: DevServerFiles,
  onProgress: OnProgress | undefined,
): Promise<DevServer | undefined> {
  if (found === undefined) return undefined;
  const { address, webUrl } = describe(found);
  const health = await waitForAnswer({ address, process: found.process }, REUSE_TIMEOUT_MS, onProgress);
  if (health === 'ended') return undefined;
  if (health === 'silent') {
    throw new UserError(
      `the Temporal server at ${address} (pid ${found.process.pid}) has not answered for ${REUSE_TIMEOUT_MS / 1_000} s: ` +
        `end it with "garland server stop" and try again; its log is ${files.log}`,
    );
  }
  await rm(files.databaseIsNew, { force: true });
  await trimLog(files.log);
  return { address, webUrl, pid: found.process.pid, started: false };
}

function describe({ port, uiPort }: { port: number; uiPort: number }): { address: string; webUrl: string } {
  return { address: `127.0.0.1:${port}`, webUrl: `http://127.0.0.1:${uiPort}` };
}

async function withServerLock<T>(
  files: DevServerFiles,
  onProgress: OnProgress | undefined,
  action: () => Promise<T>,
): Promise<T> {
  let waiting = true;
  const enter = async () => {
    waiting = false;
    return action();
  };
  try {
    await mkdir(files.folder, { recursive: true, mode: 0o700 });
    return await tellWhile(
      withFileLock(files.lock, enter, { timeoutMs: LOCK_TIMEOUT_MS }),
      (line) => waiting && onProgress?.(line),
      (seconds) => `waiting for another garland command that starts or stops the Temporal server (${seconds} s)`,
    );
  } catch (error) {
    throw explainUnwritable(error, files.folder, 'XDG_STATE_HOME');
  }
}

const REUSE_TIMEOUT_MS = 30_000;
const STOP_GRACE_MS = 10_000;
const LOCK_TIMEOUT_MS = 180_000;
