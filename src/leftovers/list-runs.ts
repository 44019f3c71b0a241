import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runsFolder } from '../agents/attempt-folder.js';
import { isSameProcess } from '../processes/identity.js';
import { readProcessTable, type TableEntry } from '../processes/process-table.js';
import { readLink } from '../processes/read-job.js';
import type { LeftoversContext } from './leftover.js';
import { readRunRecord } from './run-record.js';

/** A folder of runs, whatever is in it. */
export interface KnownRun extends UsedFolder {
  runId: string;
  /** `unknown`: the server can't be asked. */
  state: 'open' | 'gone' | 'unknown';
}

/** A folder below which agents, gates or hooks are, or were, run. */
export interface UsedFolder {
  folder: string;
  running: RunningJob[];
  usedAt: Date;
}

/** An agent, a gate or a hook with a process that is alive. */
export interface RunningJob {
  folder: string;
  /** The issue's name in folders. */
  issueName: string;
  pid: number;
}

/** Files and links in the folder aren't garland's, and are left alone. */
export async function listRuns(context: LeftoversContext): Promise<KnownRun[]> {
  const known: KnownRun[] = [];
  for (const used of await lookAtFolders(runsFolder(context.dir))) {
    const record = await readRunRecord(used.folder);
    const runId = record?.runId ?? basename(used.folder);
    known.push({ ...used, runId, state: await askState(context, record?.project ?? context.project, runId) });
  }
  return known;
}

/** Those directly in this one. */
export async function lookAtFolders(parent: string): Promise<UsedFolder[]> {
  const names = await listFolders(parent);
  if (names.length === 0) return [];
  const table = await readProcessTable();
  const found: UsedFolder[] = [];
  for (const name of names) {
    const folder = join(parent, name);
    found.push({
      folder,
      running: await findRunning(folder, await findJobs(folder, 0), table),
      usedAt: await readLastUse([folder, ...(await listDeep(folder, 2))]),
    });
  }
  return found;
}

export async function askState(
  context: Pick<LeftoversContext, 'isRunGoingOn'>,
  project: string,
  runId: string,
): Promise<KnownRun['state']> {
  return context.isRunGoingOn(project, runId).then(
    (goesOn) => (goesOn ? 'open' : 'gone'),
    () => 'unknown',
  );
}

/** Below a run: issue, attempt, gate or hook, and one more. */
const MAX_DEPTH = 5;

/** Folders that have a pid link: nothing has ever run in the others. */
async function findJobs(folder: string, depth: number): Promise<string[]> {
  const entries = await readEntries(folder);
  const own = entries.some(({ name }) => name === 'pid') ? [folder] : [];
  if (depth === MAX_DEPTH) return own;
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => findJobs(join(folder, name), depth + 1));
  return [...own, ...(await Promise.all(below)).flat()];
}

/** Also those whose leader is gone, but not what came out of it (on Linux, where that can be told). */
async function findRunning(run: string, jobs: string[], table: TableEntry[]): Promise<RunningJob[]> {
  const running: RunningJob[] = [];
  for (const folder of jobs) {
    const link = await readLink(folder).catch(() => undefined);
    const leader = link?.kind === 'process' ? link.identity : undefined;
    const alive = table.find(
      ({ identity, job }) => job === folder || (leader !== undefined && isSameProcess(identity, leader)),
    );
    const [issueName = ''] = folder.slice(run.length + 1).split('/');
    if (alive) running.push({ folder, issueName, pid: alive.identity.pid });
  }
  return running;
}

async function listDeep(folder: string, depth: number): Promise<string[]> {
  const below = (await listFolders(folder)).map((name) => join(folder, name));
  const deeper = depth > 1 ? await Promise.all(below.map((child) => listDeep(child, depth - 1))) : [];
  return [...below, ...deeper.flat()];
}

/** A folder is as new as the last thing that was made in it. */
async function readLastUse(folders: string[]): Promise<Date> {
  const times = await Promise.all(
    folders.map((folder) =>
      stat(folder).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return new Date(Math.max(...times));
}

async function listFolders(folder: string): Promise<string[]> {
  return (await readEntries(folder)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function readEntries(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}
