import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../processes/identity.js';
import { devServerFiles } from './dev-server-files.js';
import { readDevServerRecord } from './dev-server-record.js';
import { ensureDevServer } from './dev-server.js';
import type { OnProgress } from './progress.js';

/**
 * While a run goes on: starts the dev server again when its process has died, within about a second. One that was stopped
 * by `server stop` stays stopped. What fails is told, and tried again.
 */
export function watchDevServer(options: { onProgress?: OnProgress } = {}): { stop: () => Promise<void> } {
  const end = new AbortController();
  const watching = watch(end.signal, options.onProgress);
  return {
    async stop() {
      end.abort();
      await watching;
    },
  };
}

async function watch(signal: AbortSignal, onProgress?: OnProgress): Promise<void> {
  while (!signal.aborted) {
    let pauseMs = LOOK_EVERY_MS;
    try {
      if (await hasDied()) {
        onProgress?.('the Temporal server has died; starting it again');
        await ensureDevServer({ onProgress });
      }
    } catch (error) {
      onProgress?.(error instanceof Error ? error.message : 'the Temporal server could not be started again');
      pauseMs = RETRY_AFTER_MS;
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

async function hasDied(): Promise<boolean> {
  const record = await readDevServerRecord(devServerFiles().record);
  return Boolean(record?.process && !isAlive(record.process));
}

const LOOK_EVERY_MS = 1_000;
const RETRY_AFTER_MS = 5_000;
