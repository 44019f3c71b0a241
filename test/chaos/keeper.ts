import { setTimeout as sleep } from 'node:timers/promises';
import type { GarlandProcess } from '../integration/harness/garland-process.js';
import { countMoments } from '../integration/harness/agent-log.js';
import { kill } from '../integration/harness/processes.js';
import type { Project } from '../integration/harness/project.js';
import type { Round } from './draw-round.js';

/** Without an event, an agent or a gate for so long, a round has come to a standstill, however busy the machine is. Milliseconds. */
const PATIENCE = 240_000;

/** Somebody who types `garland run` again whenever none is running, until a run has come to its end by itself. */
export class Keeper {
  readonly runs: GarlandProcess[] = [];
  private readonly suspended = new Set<GarlandProcess>();
  private readonly pauses: number[];
  private moved = { signs: 0, at: performance.now() };

  constructor(
    private readonly project: Project,
    round: Round,
    private readonly tell: (line: string) => void,
  ) {
    this.pauses = round.faults.map(({ pause }) => pause);
  }

  async keep(): Promise<void> {
    while (!this.isOver()) {
      this.expectMovement();
      if (this.working().length === 0) {
        await sleep(this.pauses.shift() ?? 200);
        if (!this.isOver()) this.start();
      }
      await sleep(25);
    }
  }

  private expectMovement(): void {
    const signs = this.runs.reduce((sum, { events }) => sum + events.length, countMoments(this.project.log));
    if (signs !== this.moved.signs) this.moved = { signs, at: performance.now() };
    if (performance.now() - this.moved.at > PATIENCE) throw new Error(`nothing has moved for ${PATIENCE / 1000} s`);
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
