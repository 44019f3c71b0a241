import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { ensureBuilt } from '../scripts/build.mjs';
import { findTemporalCli } from '../src/temporal/binary.js';
import { ensureDevServer, stopDevServer } from '../src/temporal/dev-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
    temporalCli: string;
  }
}

/** dist, and one Temporal server for the whole run. The teardown fails when a process of a test is left. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await ensureBuilt();
  const temporalCli = await findTemporalCli({ onProgress: say });
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'garland-tests-')));
  const server = {
    XDG_STATE_HOME: join(folder, 'server'),
    GARLAND_SERVER_PORT: String(await findFreePort()),
    TEMPORAL_CLI_PATH: temporalCli,
  };
  const { address } = await withEnvironment(server, () => ensureDevServer({ onProgress: say }));
  project.provide('temporalAddress', address);
  project.provide('temporalCli', temporalCli);
  // Temporary folders of all tests lie in there, so that what a test left running is told by its working directory.
  process.env['TMPDIR'] = folder;
  process.env['XDG_STATE_HOME'] = join(folder, 'state');

  return async () => {
    await withEnvironment(server, () => stopDevServer());
    const left = await findLeftProcesses(folder);
    rmSync(folder, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`tests left processes running:\n${left.join('\n')}`);
  };
}

function say(line: string): void {
  console.error(line);
}

async function withEnvironment<T>(variables: Record<string, string>, action: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  Object.assign(process.env, variables);
  try {
    return await action();
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** Keeps off 7233, where a developer's own server may start while the tests run. */
async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

/** What ends by itself within a few seconds isn't left. Only where there is a /proc. */
async function findLeftProcesses(folder: string): Promise<string[]> {
  for (let tries = 1; ; tries += 1) {
    const left = listProcesses().filter(({ cwd, command }) => cwd.startsWith(folder) || command.includes(folder));
    if (left.length === 0 || tries === 20) return left.map(({ pid, command, cwd }) => `${pid} ${command} (in ${cwd})`);
    await sleep(250);
  }
}

function listProcesses(): { pid: string; cwd: string; command: string }[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => describeProcess(pid));
  } catch {
    return [];
  }
}

function describeProcess(pid: string): { pid: string; cwd: string; command: string }[] {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return [{ pid, cwd: readlinkSync(`/proc/${pid}/cwd`), command }];
  } catch {
    return [];
  }
}
