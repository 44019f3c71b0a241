import { access, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { msToTs } from '@temporalio/common/lib/time.js';
import { UserError } from '../errors.js';
import { isAlive, type ProcessIdentity } from '../processes/identity.js';
import type { DevServerFiles } from './dev-server-files.js';
import { openLoopback, waitForAnswer } from './dev-server-health.js';
import { readLastComplaint, readLog, rotateLog } from './dev-server-log.js';
import { chooseServerPorts, type ServerPorts } from './dev-server-ports.js';
import { spawnDevServer } from './dev-server-process.js';
import { writeDevServerRecord, type DevServerRecord } from './dev-server-record.js';
import { endProcess } from './end-process.js';
import type { OnProgress } from './progress.js';
import { registerSearchAttributes } from './search-attributes.js';

/**
 * Starts the server on the user's database and waits until it answers. Only for whoever holds the server's lock and knows
 * that none runs.
 *
 * @throws UserError when it doesn't come up, with what its log says
 */
export async function startDevServer(
  binary: string,
  files: DevServerFiles,
  last: ServerPorts | undefined,
  onProgress?: OnProgress,
): Promise<DevServerRecord> {
  await prepareDatabase(files);
  for (let attempt = 1; ; attempt += 1) {
    const ports = await chooseServerPorts(process.env.GARLAND_SERVER_PORT, last);
    if (last !== undefined && ports.port !== last.port) {
      onProgress?.(`port ${last.port} is taken by now; the Temporal server starts on ${ports.port} instead`);
    }
    onProgress?.(`starting the Temporal server at 127.0.0.1:${ports.port}`);
    await rotateLog(files.log);
    const identity = await spawnDevServer(binary, files, ports);
    const record = { ...ports, process: identity ?? null };
    const health = identity === undefined ? 'ended' : await adoptServer(files, record, identity, onProgress);
    if (health === 'healthy') return record;
    if (health === 'ended' && attempt < ATTEMPTS && (await lostRaceForPort(files))) continue;
    if (identity !== undefined) await endProcess(identity, 0);
    throw await explainFailure(health, files);
  }
}

/**
 * A database whose making was cut short by a kill or a full disk is never completed by the server: it takes the file's
 * existence for a whole schema. So a mark stands beside it until the server has answered once, and what still has the mark
 * holds nothing.
 */
async function prepareDatabase(files: DevServerFiles): Promise<void> {
  await mkdir(files.folder, { recursive: true, mode: 0o700 });
  const marked = await exists(files.databaseIsNew);
  if (!marked && (await exists(files.database))) return;
  for (const suffix of ['', '-wal', '-shm']) await rm(`${files.database}${suffix}`, { force: true });
  await writeFile(files.databaseIsNew, '', { flush: true });
}

async function adoptServer(
  files: DevServerFiles,
  record: DevServerRecord,
  identity: ProcessIdentity,
  onProgress?: OnProgress,
): Promise<'healthy' | 'ended' | 'silent'> {
  try {
    await writeDevServerRecord(files.record, record);
    const address = `127.0.0.1:${record.port}`;
    const health = await waitForAnswer({ address, process: identity }, START_TIMEOUT_MS, onProgress);
    if (health !== 'healthy') return health;
    if (!(await isOurs(identity, files))) return 'ended';
    await prepareNamespace(address);
    await rm(files.databaseIsNew, { force: true });
    return health;
  } catch (error) {
    await endProcess(identity, 0);
    throw error;
  }
}

/**
 * What answers may be the server of another user that took the port at the same moment, while ours is about to give up.
 * Ours tells its address once it has its ports; of one that never does, it is enough that it lives on.
 */
async function isOurs(identity: ProcessIdentity, files: DevServerFiles): Promise<boolean> {
  const deadline = Date.now() + GIVE_UP_MS;
  while (isAlive(identity)) {
    if (/^.*Server: .*:\d+/m.test(await readLog(files.log)) || Date.now() > deadline) return true;
    await sleep(20);
  }
  return false;
}

/** Someone else took a port between the look and the start. */
async function lostRaceForPort(files: DevServerFiles): Promise<boolean> {
  return /address already in use|can't (set|use) .*port/i.test(await readLog(files.log));
}

/** The server's flags do this only for a database that they make; this does it for one of an earlier version too. */
async function prepareNamespace(address: string): Promise<void> {
  const connection = openLoopback(address, START_TIMEOUT_MS);
  try {
    await connection.withDeadline(Date.now() + START_TIMEOUT_MS, async () => {
      await registerSearchAttributes(connection, 'default');
      const config = { workflowExecutionRetentionTtl: msToTs(RETENTION) };
      await connection.workflowService.updateNamespace({ namespace: 'default', config });
    });
  } finally {
    await connection.close();
  }
}

async function explainFailure(health: 'ended' | 'silent', files: DevServerFiles): Promise<UserError> {
  const { bavail, bsize } = await statfs(files.folder);
  if (bavail * bsize < NEEDED_BYTES) {
    return new UserError(
      `${files.folder}: no space is left on the disk for the Temporal server; free some, or set XDG_STATE_HOME to another folder`,
    );
  }
  const complaint = await readLastComplaint(files.log);
  const said = complaint === '' ? '' : `: ${complaint}`;
  const what = health === 'ended' ? `ended at once${said}` : `did not answer in ${START_TIMEOUT_MS / 1_000} s${said}`;
  return new UserError(
    `the Temporal server ${what} (log: ${files.log}). If its database is broken, move ${files.database} away: ` +
      'the memory of past runs goes with it, issues and work do not',
  );
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

const ATTEMPTS = 3;
const START_TIMEOUT_MS = 60_000;
/** A server that can't have its port says so and ends within a second, on a busy machine within some. */
const GIVE_UP_MS = 15_000;
/** A new database takes 3 MB. On a full disk the log can't tell why the server ended. */
const NEEDED_BYTES = 10_000_000;
/** The dev server's own default is one day, after which a run that has ended can't be looked at. */
const RETENTION = '30 days';
