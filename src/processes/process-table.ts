import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { parseProcStat, readBootId, type ProcessIdentity } from './identity.js';

/** Set in the environment of every job, so that on Linux what left the job's process group can still be told. */
export const JOB_VARIABLE = 'GARLAND_JOB';

export interface TableEntry {
  identity: ProcessIdentity;
  groupId: number;
  /** Folder of the job that it descends from. Unknown on macOS, and for what cleared its environment. */
  job?: string;
}

let running: Promise<TableEntry[]> | undefined;
let next: Promise<TableEntry[]> | undefined;

/**
 * All living processes, as seen after this was called. Callers that come while a scan runs share the one after it:
 * stopping 200 agents at once must not read the table 200 times.
 */
export function readProcessTable(): Promise<TableEntry[]> {
  if (running === undefined) {
    running = scan().finally(() => (running = undefined));
    return running;
  }
  next ??= running
    .catch(() => undefined)
    .then(() => {
      next = undefined;
      return readProcessTable();
    });
  return next;
}

function scan(): Promise<TableEntry[]> {
  return process.platform === 'linux' ? scanProc() : scanPs();
}

/** How many processes are read at the same time: a file of /proc can hang while its process is in trouble. */
const WIDTH = 4;

async function scanProc(): Promise<TableEntry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const entries: TableEntry[] = [];
  const readFromQueue = async (): Promise<void> => {
    for (let pid = pids.pop(); pid !== undefined; pid = pids.pop()) {
      const entry = await readProcEntry(pid);
      if (entry) entries.push(entry);
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, readFromQueue));
  return entries;
}

async function readProcEntry(pid: number): Promise<TableEntry | undefined> {
  try {
    const stat = parseProcStat(await readFile(`/proc/${pid}/stat`, 'latin1'));
    // Threads of the kernel are in group 0.
    if (stat === undefined || stat.groupId === 0) return undefined;
    const job = await readJobVariable(pid);
    const identity = { pid, startTime: stat.startTime, bootId: readBootId() };
    return { identity, groupId: stat.groupId, ...(job !== undefined && { job }) };
  } catch {
    return undefined;
  }
}

/** The environment that the program was started with; it is closed to us for processes of other users. */
async function readJobVariable(pid: number): Promise<string | undefined> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    const prefix = `${JOB_VARIABLE}=`;
    return environment
      .split('\0')
      .find((entry) => entry.startsWith(prefix))
      ?.slice(prefix.length);
  } catch {
    return undefined;
  }
}

async function scanPs(): Promise<TableEntry[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,pgid=,state=,lstart='], {
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return parsePsTable(stdout);
}

export function parsePsTable(text: string): TableEntry[] {
  return text.split('\n').flatMap((line) => {
    const [pid, groupId, state = 'Z', ...start] = line.trim().split(/\s+/);
    if (state.startsWith('Z')) return [];
    return [
      {
        identity: { pid: Number(pid), startTime: start.join(' '), bootId: readBootId() },
        groupId: Number(groupId),
      },
    ];
  });
}
