import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { readIdentity, type ProcessIdentity } from '../processes/identity.js';
import type { DevServerFiles } from './dev-server-files.js';

/**
 * Starts the server as a process of its own that stays when this one ends, in a process group of its own, so that
 * Ctrl-C doesn't reach it. Its output goes to the log.
 *
 * @returns undefined when it ended before its identity could be read
 * @throws Error of the operating system when it can't be started
 */
export async function spawnDevServer(
  binary: string,
  files: DevServerFiles,
  ports: { port: number; uiPort: number },
): Promise<ProcessIdentity | undefined> {
  const log = await open(files.log, 'a', 0o600);
  try {
    const child = spawn(binary, startArguments(files, ports), {
      argv0: nameOf(files),
      cwd: files.folder,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: serverEnvironment(),
    });
    await once(child, 'spawn');
    child.unref();
    return readIdentity(child.pid ?? 0);
  } finally {
    await log.close();
  }
}

function startArguments(files: DevServerFiles, { port, uiPort }: { port: number; uiPort: number }): string[] {
  // The database by its bare name: the server puts it into a URI, where a # or % of the folder's name would break it.
  // Poll rates: with the default of 20 a second every activity waits 100 ms, with these 11 ms. Eager: a short activity is handed out
  // with the answer that asked for it, which saves a round trip.
  return `server start-dev --ip 127.0.0.1 --port ${port} --ui-ip 127.0.0.1 --ui-port ${uiPort}
    --db-filename ${path.basename(files.database)} --sqlite-pragma journal_mode=wal
    --dynamic-config-value history.transferProcessorMaxPollRPS=1000
    --dynamic-config-value system.enableActivityEagerExecution=true
    --dynamic-config-value history.timerProcessorMaxPollRPS=1000
    --log-level warn`.split(/\s+/);
}

/** The TEMPORAL_ variables are for clients, and some would be taken for flags; nor does the server need anyone's secrets. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, TZ } = process.env;
  return { PATH, HOME, TMPDIR, TZ };
}

/**
 * The name under which `ps` shows the server, with the folder whose database it holds. It is what a server is found by
 * whose starter died before it could write the record, or whose record is lost: two on one database would spoil it.
 */
function nameOf(files: DevServerFiles): string {
  return `garland-temporal-server:${files.folder}`;
}

export interface FoundServer {
  process: ProcessIdentity;
  port: number;
  uiPort: number;
}

/** The running server of this folder, by its name; with the ports that it was started with. */
export async function findDevServerProcess(files: DevServerFiles): Promise<FoundServer | undefined> {
  const start = `${nameOf(files)} server start-dev `;
  for (const { pid, command } of await listProcesses()) {
    if (!command.startsWith(start)) continue;
    const port = Number(/ --port (\d+)/.exec(command)?.[1]);
    const uiPort = Number(/ --ui-port (\d+)/.exec(command)?.[1]);
    const identity = readIdentity(pid);
    if (identity !== undefined) return { process: identity, port, uiPort };
  }
  return undefined;
}

async function listProcesses(): Promise<{ pid: number; command: string }[]> {
  if (process.platform === 'linux') return listProcFolder();
  const { stdout } = await execa('ps', ['-axww', '-o', 'pid=,args=']);
  return stdout.split('\n').map((line) => {
    const [, pid = '', command = ''] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return { pid: Number(pid), command };
  });
}

/** Without `ps`, which slim containers lack. */
function listProcFolder(): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') }];
      } catch {
        return [];
      }
    });
}
