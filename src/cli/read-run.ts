import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, UserError } from '../errors.js';
import type { RunHandle } from '../temporal/run-handle.js';
import type { Connected } from './connect.js';
import { oneLine } from './report-error.js';
import { within } from './within.js';

/**
 * Asks a run's own state. Where no worker answers, because the run has ended or its worker has died, one of this process's own
 * stands in: it runs the workflow's code and nothing else.
 */
export async function readRun<T>(
  { client, server }: Connected,
  project: string,
  read: (handle: RunHandle) => Promise<T>,
  { hasWorker }: { hasWorker: boolean },
): Promise<T> {
  const handle = client.handle(project);
  if (hasWorker && (await within(answerTime, handle.events(Number.MAX_SAFE_INTEGER)))) return read(handle);
  const { startWorker } = await import('../temporal/worker.js');
  const worker = await startWorker({ server, project, queriesOnly: true });
  try {
    return await readPatiently(handle, read);
  } finally {
    await worker.shutdown();
  }
}

/** The first question may go to the dead worker's own queue, and take until that gives up. */
async function readPatiently<T>(handle: RunHandle, read: (handle: RunHandle) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await read(handle);
    } catch (error) {
      if (tries === maxTries) throw new UserError(`the run can't be asked: ${oneLine(error)}`, EXIT.failed);
      await sleep(500);
    }
  }
}

const maxTries = 4;
/** Milliseconds. A worker that lives answers in a few; a second one beside it does no harm. */
const answerTime = 500;
