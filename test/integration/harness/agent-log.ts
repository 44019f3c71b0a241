import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the agents themselves say of when they began and ended, in the order in which they said it. */
export interface AgentLog {
  starts: AgentSpan[];
  /** The most that ran at the same time. */
  mostAtOnce: number;
  /** Lines that tell of two agents at one issue. */
  overlaps: string[];
}

export interface AgentSpan {
  id: string;
  attempt: number;
  runId: string;
  pid: number;
  /** What it did; `killed` when the test killed it; undefined while it runs. */
  end?: string;
}

export function readAgentLog(log: string): AgentLog {
  const starts: AgentSpan[] = [];
  let mostAtOnce = 0;
  for (const line of readLines(join(log, 'spans'))) {
    const [what = '', id = '', attempt, runId = '', pid] = line.split(' ');
    if (what === 'start') starts.push({ id, attempt: Number(attempt), runId, pid: Number(pid) });
    const span = starts.findLast((start) => start.pid === Number(pid) && start.end === undefined);
    if (what.startsWith('end:') && span) span.end = what.slice('end:'.length);
    mostAtOnce = Math.max(mostAtOnce, starts.filter(({ end }) => end === undefined).length);
  }
  return { starts, mostAtOnce, overlaps: readLines(join(log, 'overlaps')) };
}

/** For agents that had no chance to say so themselves. */
export function tellKilled(log: string, pids: ReadonlySet<number>): void {
  for (const { id, attempt, runId, pid, end } of readAgentLog(log).starts) {
    if (end === undefined && pids.has(pid)) {
      appendFileSync(join(log, 'spans'), `end:killed ${id} ${attempt} ${runId} ${pid} -\n`);
    }
  }
}

/** How often an agent or a gate has begun or ended. */
export function countMoments(log: string): number {
  return readLines(join(log, 'spans')).length + readLines(join(log, 'gates')).length;
}

export function readLines(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
