import { spawn, type ChildProcess } from 'node:child_process';
import { z } from 'zod';

/** Files by their paths, as whoever starts it opens them. */
export interface ProcessRequest {
  argv: readonly [string, ...string[]];
  cwd: string;
  /** The whole environment. */
  env: Record<string, string>;
  stdin: string;
  /** Written to at the end. */
  stdout: string;
  /** May be the same file as stdout. */
  stderr: string;
}

export interface StartedProcess {
  readonly pid: number;
  /** `exit 3`, a signal's name, or that nobody can tell any more; undefined while it runs. */
  end(): string | undefined;
  /** Called when it has been seen to end. Returns what takes that back. */
  onEnd(listener: () => void): () => void;
  kill(): void;
}

/**
 * Starts a detached process. Not from this one: to make a process is to copy the page tables of the one that makes it, all of whose
 * threads wait meanwhile: 10 to 15 ms for a worker of some hundred megabytes, 1 ms for the small process that does it
 * here. That one is started with the first request, holds nothing, and ends with this one; what it has started goes on.
 *
 * @throws Error when no process can be made.
 */
export async function startDetached(request: ProcessRequest): Promise<StartedProcess> {
  starter ??= new Starter();
  return starter.start(request);
}

/** One for each process, because it is what that process starts others from. */
let starter: Starter | undefined;

const PROGRAM = `
const { spawn } = require('node:child_process');
const { closeSync, openSync } = require('node:fs');
const children = new Map();
process.on('disconnect', () => process.exit());
process.on('message', ({ id, kill, request }) => {
  if (kill) return void children.get(id)?.kill('SIGKILL');
  const files = [];
  const open = (path, flags) => files[files.push(openSync(path, flags, 0o600)) - 1];
  const refuse = ({ message }) => process.send({ id, error: message });
  try {
    const { argv: [file, ...args], cwd, env, stdin, stdout, stderr } = request;
    const stdio = [open(stdin, 'r'), open(stdout, 'a'), open(stderr, 'a')];
    const child = spawn(file, args, { cwd, env, detached: true, stdio });
    child.once('spawn', () => process.send({ id, pid: child.pid }));
    child.on('error', refuse);
    child.once('exit', (code, signal) => {
      children.delete(id);
      process.send({ id, end: signal ?? 'exit ' + code });
    });
    children.set(id, child);
  } catch (error) {
    refuse(error);
  } finally {
    for (const file of files) closeSync(file);
  }
});
`;

const messageSchema = z.union([
  z.object({ id: z.number(), pid: z.number() }),
  z.object({ id: z.number(), error: z.string() }),
  z.object({ id: z.number(), end: z.string() }),
]);

interface Pending {
  resolve(started: StartedProcess): void;
  reject(error: Error): void;
}

class Starter {
  private readonly process: ChildProcess;
  private readonly pending = new Map<number, Pending>();
  private readonly running = new Map<number, RunningProcess>();
  private lastId = 0;

  constructor() {
    this.process = spawn(process.execPath, ['-e', PROGRAM], {
      argv0: 'garland-starter',
      cwd: '/',
      env: {},
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.process.on('message', (message) => this.hear(messageSchema.parse(message)));
    this.process.on('error', (error) => this.close(error));
    this.process.on('exit', () => this.close(new Error('the process that starts others has ended')));
    this.process.unref();
    this.process.channel?.unref();
  }

  start(request: ProcessRequest): Promise<StartedProcess> {
    const id = (this.lastId += 1);
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      // Whoever waits for an answer must get it.
      this.process.channel?.ref();
      this.send({ id, request });
    });
  }

  private hear(message: z.output<typeof messageSchema>): void {
    const { id } = message;
    if ('end' in message) {
      this.running.get(id)?.tellEnd(message.end);
      this.running.delete(id);
      return;
    }
    if ('error' in message) this.pending.get(id)?.reject(new Error(message.error));
    else {
      const running = new RunningProcess(message.pid, () => this.send({ id, kill: true }));
      this.running.set(id, running);
      this.pending.get(id)?.resolve(running);
    }
    this.pending.delete(id);
    if (this.pending.size === 0) this.process.channel?.unref();
  }

  private send(message: object): void {
    this.process.send(message, (error) => {
      if (error) this.close(error);
    });
  }

  /** The next request starts another one. */
  private close(error: Error): void {
    if (starter === this) starter = undefined;
    for (const pending of this.pending.values()) pending.reject(error);
    for (const running of this.running.values()) running.lose(error.message);
    this.pending.clear();
    this.running.clear();
  }
}

class RunningProcess implements StartedProcess {
  private ended: string | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly pid: number,
    readonly kill: () => void,
  ) {}

  end(): string | undefined {
    return this.ended;
  }

  onEnd(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tellEnd(end: string): void {
    this.ended = end;
    for (const listener of this.listeners) listener();
  }

  /** It may go on, unseen. */
  lose(reason: string): void {
    this.ended = reason;
  }
}
