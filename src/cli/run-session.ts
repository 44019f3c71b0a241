import { setTimeout as sleep } from 'node:timers/promises';
import type { DevServerStatus } from '../temporal/dev-server.js';
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
  // Kept, as it remembers where in the run its reader is.
  let handle = connected.client.handle(project);
  let worker = await startWorkerFor(connected, options);
  const closing = new AbortController();
  let reconnecting = false;
  let toldOfStop = false;

  const keepWorker = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const death = await worker.finished.then(() => undefined, oneLine);
      if (death !== undefined) onProblem(`the worker ended (${death}); starting another`);
      worker = (await startAnother()) ?? worker;
    }
  };
  const startAnother = async (): Promise<RunningWorker | undefined> => {
    for (let pause = firstPause; !closing.signal.aborted; pause = Math.min(pause * 2, longestPause)) {
      await sleep(pause, undefined, { signal: closing.signal }).catch(() => {});
      if (closing.signal.aborted) return undefined;
      try {
        return await startWorkerFor(connected, options);
      } catch (error) {
        onProblem(`no worker could be started: ${oneLine(error)}`);
      }
    }
    return undefined;
  };
  const kept = keepWorker();
  const watch = connected.server.embedded ? await watchEmbedded(onProblem) : undefined;

  return {
    handle: () => handle,
    reconnect() {
      if (!connected.server.embedded || reconnecting || closing.signal.aborted) return;
      reconnecting = true;
      void (async () => {
        try {
          const status = await readServerStatus();
          if (status.kind === 'stopped' && !toldOfStop) onProblem(stopped);
          toldOfStop = status.kind === 'stopped';
          if (!hasMoved(connected, status)) return;
          const old = connected;
          connected = await connect(shell, { start: false });
          handle = connected.client.handle(project);
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
      // One that was just being started.
      await worker.shutdown().catch(() => {});
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

async function readServerStatus(): Promise<DevServerStatus> {
  const { devServerStatus } = await import('../temporal/dev-server.js');
  return devServerStatus();
}

const stopped = 'the Temporal server was stopped; `garland server start` brings it back, and the run goes on';

function hasMoved({ server }: Connected, status: DevServerStatus): boolean {
  return status.kind === 'running' && status.answers && status.address !== server.connectionOptions.address;
}
