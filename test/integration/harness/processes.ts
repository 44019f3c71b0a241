import { readdirSync, readFileSync } from 'node:fs';
import { waitFor } from './wait-for.js';

export interface SeenProcess {
  pid: number;
  command: string;
}

/**
 * Agents, gates and hooks of a project: all that carries its jobs' folders in its environment, wherever it has gone. Looked up in
 * /proc, apart from what garland itself keeps.
 */
export function findJobProcesses(projectDir: string): SeenProcess[] {
  const isJob = (entry: string) => entry.startsWith(`GARLAND_JOB=${projectDir}/`);
  return listProcesses().flatMap((pid) => {
    const environment = readProc(pid, 'environ');
    return environment?.split('\0').some(isJob) ? describe(pid) : [];
  });
}

/** All that names the folder in its command or its environment, this process aside. */
export function findProcessesNaming(folder: string): SeenProcess[] {
  return listProcesses()
    .filter((pid) => pid !== process.pid)
    .flatMap((pid) =>
      readProc(pid, 'cmdline')?.includes(folder) || readProc(pid, 'environ')?.includes(folder) ? describe(pid) : [],
    );
}

/** Kills until nothing is found any more, and returns the pids. */
export async function killAll(find: () => SeenProcess[]): Promise<Set<number>> {
  const killed = new Set<number>();
  await waitFor(
    'all are dead',
    () => {
      const found = find();
      for (const { pid } of found) {
        killed.add(pid);
        kill(pid, 'SIGKILL');
      }
      return found.length === 0;
    },
    { every: 5 },
  );
  return killed;
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  // 0 is what a process has that couldn't be started, and would reach this one's whole group.
  if (pid < 1) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It was quicker.
  }
}

function listProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Nothing of a zombie: it has ended. */
function readProc(pid: number, file: 'cmdline' | 'environ'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1') || undefined;
  } catch {
    return undefined;
  }
}

function describe(pid: number): SeenProcess[] {
  const command = readProc(pid, 'cmdline')?.replaceAll('\0', ' ').trim();
  return command === undefined ? [] : [{ pid, command }];
}
