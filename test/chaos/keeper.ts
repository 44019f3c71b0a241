import { setTimeout as sleep } from 'node:timers/promises';
import type { GarlandProcess } from '../integration/harness/garland-process.js';
import { kill } from '../integration/harness/processes.js';
import type { Project } from '../integration/harness/project.js';
import type { Round } from './draw-round.js';

/** A round that takes longer has come to a standstill. Milliseconds. */
const PATIENCE = 360_000;

/** Somebody who types `garland run` again whenever none is running, until a run has come to its end by itself. */
export class Keeper {
  readonly runs: GarlandProcess[] = [];
  private readonly suspended = new Set<GarlandProcess>();
  private readonly pauses: number[];
  private readonly begun = performance.now();

  constructor(
    private readonly project: Project,
    round: Round,
    private readonly tell: (line: string) => void,
  ) {
    this.pauses = round.faults.map(({ pause }) => pause);
  }

  async keep(): Promise<void> {
    while (!this.isOver()) {
      if (performance.now() - this.begun > PATIENCE) throw new Error(`still not at its end after ${PATIENCE / 1000} s`);
      if (this.working().length === 0) {
        await sleep(this.pauses.shift() ?? 200);
        if (!this.isOver()) this.start();
      }
      await sleep(25);
    }
  }

  start(): GarlandProcess {
    const run = this.project.run();
    this.runs.push(run);
    this.tell(`garland run (${run.pid})`);
    void run.ended.then(({ code, signal }) => this.tell(`garland run (${run.pid}) ended: ${signal ?? code}`));
    return run;
  }

  /** A run was completed: nothing was left to do. An abort is no such end. */
  isOver(): boolean {
    return this.runs.some(({ events }) =>
      events.some((event) => event.event === 'run_finished' && event.outcome === 'completed'),
    );
  }

  alive(): GarlandProcess[] {
    return this.runs.filter(({ end }) => !end);
  }

  working(): GarlandProcess[] {
    return this.alive().filter((run) => !this.suspended.has(run));
  }

  suspend(run: GarlandProcess): void {
    this.suspended.add(run);
    kill(run.pid, 'SIGSTOP');
  }

  resume(run: GarlandProcess): void {
    kill(run.pid, 'SIGCONT');
    this.suspended.delete(run);
  }
}
