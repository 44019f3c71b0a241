import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect } from 'vitest';
import { isAlive } from '../../src/processes/identity.js';
import type { JobSpec } from '../../src/processes/job.js';
import { readProcessTable, type TableEntry } from '../../src/processes/process-table.js';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'agents');

export function fixture(name: string): string {
  return join(fixtures, name);
}

export const isLinux = process.platform === 'linux';

/** A folder for each test. A process that a test leaves behind fails it (on Linux, where it can be found). */
export function useTemporaryJobs() {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'garland jobs-'));
  });
  afterEach(async () => {
    const left = await findProcesses(root);
    for (const { identity } of left) if (isAlive(identity)) process.kill(identity.pid, 'SIGKILL');
    rmSync(root, { recursive: true, force: true });
    expect(left, 'left running').toEqual([]);
  });
  return {
    path: (...parts: string[]) => join(root, ...parts),
    read: (...parts: string[]) => readFileSync(join(root, ...parts), 'utf8'),
    exists: (...parts: string[]) => existsSync(join(root, ...parts)),
    /** A job that runs a fixture, or a program of the system. */
    job: (program: string, ...args: string[]): JobSpec => ({
      argv: [program.endsWith('.sh') ? fixture(program) : program, ...args],
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '' },
    }),
    findProcesses: () => findProcesses(root),
  };
}

async function findProcesses(root: string): Promise<TableEntry[]> {
  return (await readProcessTable()).filter(({ job }) => job?.startsWith(root));
}
