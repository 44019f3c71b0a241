import { setTimeout as sleep } from 'node:timers/promises';
import type { RunHandle } from '../temporal/run-handle.js';
import type { RunningWorker } from '../temporal/worker.js';
import { connect, type Connected } from './connect.js';
import { oneLine } from './report-error.js';
import type { Shell } from './shell.js';

/** A worker that is kept alive, and the connection to ask about the run: made anew when the server comes back elsewhere. */
export interface RunSession {
  handle: () => RunHandle;
  /** To be called while the server doesn't answer: garland's own may have come back on other ports. */
  reconnect: () => void;
  /** Hands over: agents go on, and the next worker re-attaches. */
  close: () => Promise<void>;
}

export interface SessionOptions {
  project: string;
  connected: Connected;
  shell: Shell;
  onProblem: (line: string) => void;
  onLog: (line: string) => void;
}

/** @throws UserError when the first worker can't be started */
export async function openRunSession(options: SessionOptions): Promise<RunSession> {
  const { project, shell, onProblem } = options;
  let { connected } = options;
  let worker = await startWorkerFor(connected, options);
  const closing = new AbortController();
  let reconnecting = false;

  const keepWorker = async (): Promise<void> => {
    for (let pause = firstPause; !closing.signal.aborted; pause = Math.min(pause * 2, longestPause)) {
      const startedAt = Date.now();
      const death = await worker.finished.then(
        () => undefined,
        (error: unknown) => oneLine(error),
      );
      if (closing.signal.aborted) return;
      if (Date.now() - startedAt > longestPause) pause = firstPause;
      if (death !== undefined) onProblem(`the worker ended (${death}); starting another`);
      await sleep(pause, undefined, { signal: closing.signal }).catch(() => {});
      if (closing.signal.aborted) return;
      const next = await startWorkerFor(connected, options).catch((error: unknown) => {
        onProblem(`no worker could be started: ${oneLine(error)}`);
        return undefined;
      });
      if (next) worker = next;
      if (closing.signal.aborted) await next?.shutdown();
    }
  };
  const kept = keepWorker();

  const watch = connected.server.embedded ? await watchEmbedded(onProblem) : undefined;

  return {
    handle: () => connected.client.handle(project),
    reconnect() {
      if (!connected.server.embedded || reconnecting || closing.signal.aborted) return;
      reconnecting = true;
      void (async () => {
        try {
          if (!(await hasMoved(connected))) return;
          const old = connected;
          connected = await connect(shell, { start: false });
          // Its successor is started by keepWorker.
          await worker.shutdown();
          await old.client.close();
        } catch (error) {
          onProblem(`the Temporal server can't be reached: ${oneLine(error)}`);
        } finally {
          reconnecting = false;
        }
      })();
    },
    async close() {
      closing.abort();
      await watch?.stop();
      await worker.shutdown().catch(() => {});
      await kept;
      await connected.client.close();
    },
  };
}

const firstPause = 500;
const longestPause = 15_000;

async function startWorkerFor({ server }: Connected, { project, onLog }: SessionOptions): Promise<RunningWorker> {
  const { startWorker } = await import('../temporal/worker.js');
  return startWorker({ server, project, onLog });
}

/** Starts garland's own server again when it has died. */
async function watchEmbedded(onProblem: (line: string) => void): Promise<{ stop: () => Promise<void> }> {
  const { watchDevServer } = await import('../temporal/dev-server-watch.js');
  return watchDevServer({ onProgress: onProblem });
}

async function hasMoved({ server }: Connected): Promise<boolean> {
  const { devServerStatus } = await import('../temporal/dev-server.js');
  const status = await devServerStatus();
  return status.kind === 'running' && status.answers && status.address !== server.connectionOptions.address;
}
