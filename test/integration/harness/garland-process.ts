import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RunEvent } from '../../../src/contract/events.js';
import { waitFor, type WaitOptions } from './wait-for.js';

const CLI = fileURLToPath(new URL('../../../bin/garland.js', import.meta.url));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Milliseconds after which a command is killed that should have ended long ago: the test fails then, and cleans up. */
const LONGEST = 300_000;

/** One garland command as a process of its own. */
export class GarlandProcess {
  readonly events: RunEvent[] = [];
  /** When each of the events came, by performance.now(). */
  readonly cameAt: number[] = [];
  readonly typedAt = performance.now();
  readonly ended: Promise<Ended>;
  out = '';
  err = '';
  end: Ended | undefined;
  private readonly child: ChildProcess;
  private rest = '';

  constructor(args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.child = spawn(process.execPath, [CLI, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.read(text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    const watchdog = setTimeout(() => this.giveUp(), LONGEST).unref();
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code, signal) => {
        clearTimeout(watchdog);
        resolve((this.end = { code, signal }));
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async kill(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.child.kill('SIGINT');
  }

  /** Rejects as soon as the process has ended without such an event. */
  async waitForEvent<K extends RunEvent['event']>(
    kind: K,
    isWanted: (event: Extract<RunEvent, { event: K }>) => boolean = () => true,
    options?: WaitOptions,
  ): Promise<Extract<RunEvent, { event: K }>> {
    const isKind = (event: RunEvent): event is Extract<RunEvent, { event: K }> => event.event === kind;
    const find = () => this.events.filter(isKind).find(isWanted);
    return waitFor(
      `${kind} of garland ${this.describe()}`,
      () => {
        const found = find();
        if (found === undefined && this.end) throw new Error(`it ended without ${kind}: ${this.describe()}`);
        return found;
      },
      options,
    );
  }

  /** Milliseconds from typing the command to its event of this number (from 0). */
  delayOf(index: number): number {
    return (this.cameAt[index] ?? Number.NaN) - this.typedAt;
  }

  describe(): string {
    return `${this.child.spawnargs.slice(2).join(' ')} → ${JSON.stringify(this.end)}\n${this.out}${this.err}`;
  }

  private giveUp(): void {
    this.err += `\nkilled by the test after ${LONGEST / 1000} s`;
    this.child.kill('SIGKILL');
  }

  private read(text: string): void {
    this.out += text;
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines.filter((each) => each.startsWith('{"seq"'))) {
      this.events.push(JSON.parse(line) as RunEvent);
      this.cameAt.push(performance.now());
    }
  }
}
