import { chmod, mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.js';
import { withFileLock } from '../files/file-lock.js';
import { cacheDir } from '../files/user-dirs.js';
import { checkTemporalBinary } from './binary-check.js';
import { downloadTemporalBinary } from './binary-download.js';
import { goInstallTemporalBinary } from './binary-go-install.js';
import { tellWhile, type OnProgress } from './progress.js';
import { explainUnwritable } from './unwritable.js';

/** The version that is fetched, whichever way. Later ones than this don't build with `go install`. */
export const TEMPORAL_CLI_VERSION = 'v1.5.1';

export interface FindTemporalCliOptions {
  onProgress?: OnProgress;
  /** @default process.env */
  env?: NodeJS.ProcessEnv;
  /** @default https://temporal.download */
  downloadBase?: string;
}

/**
 * The path of a `temporal` program that can run a dev server: TEMPORAL_CLI_PATH, else `temporal` on PATH, else the copy
 * in garland's cache, else the official download, else `go install`. What is fetched is cached for the user.
 *
 * @throws UserError when there is none and none can be got
 */
export async function findTemporalCli(options: FindTemporalCliOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  return (
    (await findByVariable(env.TEMPORAL_CLI_PATH)) ??
    (await findOnPath(env.PATH, options.onProgress)) ??
    (await findInCache(cachedBinary())) ??
    (await fetchIntoCache({ downloadBase: 'https://temporal.download', ...options, env }))
  );
}

async function findByVariable(value: string | undefined): Promise<string | undefined> {
  if (value === undefined || value === '') return undefined;
  const check = await checkTemporalBinary(path.resolve(value));
  if (check.kind === 'usable') return path.resolve(value);
  const found = check.kind === 'missing' ? 'does not exist' : check.reason;
  throw new UserError(`TEMPORAL_CLI_PATH: ${value} ${found}; set it to a temporal program, or unset it`);
}

/** An unfit program on PATH is passed over, and that is told: it may be too old, or something else of that name. */
async function findOnPath(searchPath: string | undefined, onProgress?: OnProgress): Promise<string | undefined> {
  for (const folder of (searchPath ?? '').split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    const file = path.join(folder, 'temporal');
    const check = await checkTemporalBinary(file);
    if (check.kind === 'usable' && isRecentServer(check.server)) return file;
    if (check.kind === 'usable') onProgress?.(`${file} brings server ${check.server}, which is too old: passed over`);
    if (check.kind === 'broken') onProgress?.(`${file} ${check.reason}: passed over`);
  }
  return undefined;
}

/** 1.29 is the oldest server that garland was tried on. */
function isRecentServer(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 1 || (major === 1 && minor >= 29);
}

function cachedBinary(): string {
  return path.join(cacheDir(), 'temporal-cli', TEMPORAL_CLI_VERSION, 'temporal');
}

async function findInCache(file: string): Promise<string | undefined> {
  return (await checkTemporalBinary(file)).kind === 'usable' ? file : undefined;
}

type FetchOptions = FindTemporalCliOptions & { env: NodeJS.ProcessEnv; downloadBase: string };

/** Under a lock, so that two commands don't fetch the same twice; the second one finds what the first has fetched. */
async function fetchIntoCache(options: FetchOptions): Promise<string> {
  const file = cachedBinary();
  const folder = path.dirname(file);
  try {
    await mkdir(folder, { recursive: true });
    let waiting = true;
    const locked = withFileLock(
      path.join(folder, 'lock'),
      async () => {
        waiting = false;
        return (await findInCache(file)) ?? (await fetchBinary(file, options));
      },
      { timeoutMs: LOCK_TIMEOUT_MS },
    );
    return await tellWhile(
      locked,
      (line) => waiting && options.onProgress?.(line),
      (seconds) => `waiting for another garland command that fetches the Temporal CLI (${seconds} s)`,
    );
  } catch (error) {
    throw explainUnwritable(error, folder, 'XDG_CACHE_HOME');
  }
}

async function fetchBinary(file: string, { env, downloadBase, onProgress }: FetchOptions): Promise<string> {
  const folder = path.dirname(file);
  await removeLeftovers(folder);
  const partial = await mkdtemp(path.join(folder, PARTIAL));
  const ways = [
    { name: 'download', fetch: () => downloadTemporalBinary(downloadBase, TEMPORAL_CLI_VERSION, partial, onProgress) },
    { name: 'go install', fetch: () => goInstallTemporalBinary(TEMPORAL_CLI_VERSION, partial, env, onProgress) },
  ];
  const reasons: string[] = [];
  try {
    for (const way of ways) {
      try {
        onProgress?.(`no Temporal CLI found, getting ${TEMPORAL_CLI_VERSION} by ${way.name}`);
        await adopt(await way.fetch(), file);
        return file;
      } catch (error) {
        if (explainUnwritable(error, folder, 'XDG_CACHE_HOME') !== error) throw error;
        const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
        reasons.push(`${way.name}: ${reason}`);
        onProgress?.(`no Temporal CLI by ${way.name}: ${reason}`);
      }
    }
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  throw new UserError(
    `no Temporal CLI found, and none could be got (${reasons.join('; ')}): install it from https://docs.temporal.io/cli, ` +
      'or set TEMPORAL_CLI_PATH to it, or set TEMPORAL_ADDRESS to a Temporal server that runs',
  );
}

/** Whole and on the disk before it gets its name, so that no crash leaves half a program under it. */
async function adopt(fetched: string, file: string): Promise<void> {
  await chmod(fetched, 0o755);
  const check = await checkTemporalBinary(fetched);
  if (check.kind !== 'usable') throw new Error(`what came ${check.kind === 'missing' ? 'is empty' : check.reason}`);
  const handle = await open(fetched);
  await handle.sync();
  await handle.close();
  await rename(fetched, file);
}

/** Of fetches that were killed. Safe because whoever calls this holds the lock. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(PARTIAL)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

const PARTIAL = 'partial-';
const LOCK_TIMEOUT_MS = 30 * 60_000;
