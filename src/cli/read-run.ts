import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, UserError } from '../errors.js';
import type { RunDescription, RunHandle } from '../temporal/run-handle.js';
import type { RunningWorker } from '../temporal/worker.js';
import type { Connected } from './connect.js';
import { oneLine } from './report-error.js';
import { within } from './within.js';

type Read<T> = (handle: RunHandle) => Promise<T>;

/**
 * Asks a run's own state. Where no worker answers, because the run has ended or its worker has died, one of this process's own
 * stands in: it runs the workflow's code and nothing else. Undefined: the project has no run.
 *
 * @param read May be called again while the first call still waits: it has no effects.
 */
export async function readRun<T extends object>(
  connected: Connected,
  project: string,
  read: Read<T>,
): Promise<{ described: RunDescription; answer: T } | undefined> {
  const ask = (): Promise<T> => read(connected.client.handle(project));
  // Together with the question whether there is a run, and a worker: mostly there are.
  const first = ask();
  first.catch(() => {});
  const described = await connected.client.handle(project).describe();
  if (!described) return undefined;
  const answer = (await within(patienceWith(described), first)) ?? (await standIn(connected, project, first, ask));
  return { described, answer };
}

/** Milliseconds. Starting another worker takes the time of the one that is about to answer. */
function patienceWith({ hasWorker, heartbeatAt }: RunDescription): number {
  if (!hasWorker) return 0;
  const isAlive = heartbeatAt !== undefined && Date.now() - heartbeatAt.getTime() < heardLately;
  return isAlive ? busyAnswerTime : answerTime;
}

/** A worker that lives answers in a few milliseconds, unless it has hundreds of agents; a second one beside it does no harm. */
const answerTime = 500;
const busyAnswerTime = 1500;
/** An activity beats every 2.5 seconds at the latest: see src/temporal/heartbeat-interceptor.ts. */
const heardLately = 3000;

/** The first answer that comes, be it to the question that was asked before. */
async function standIn<T>(
  { server }: Connected,
  project: string,
  first: Promise<T>,
  ask: () => Promise<T>,
): Promise<T> {
  let worker: Promise<RunningWorker> | undefined;
  let isAnswered = false;
  const own = async (): Promise<T> => {
    const { startWorker } = await import('../temporal/worker.js');
    if (isAnswered) return first;
    worker = startWorker({ server, project, queriesOnly: true });
    await worker;
    return isAnswered ? first : askPatiently(ask);
  };
  try {
    return await Promise.any([first, own()]);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors.at(-1) : error;
  } finally {
    isAnswered = true;
    // One that just went could leave a task of the run's behind.
    await worker?.then(
      (started) => started.shutdown(),
      () => {},
    );
  }
}

/** The first question may go to the dead worker's own queue, and take until that gives up. */
async function askPatiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === maxTries) throw new UserError(`the run can't be asked: ${oneLine(error)}`, EXIT.failed);
      await sleep(500);
    }
  }
}

const maxTries = 4;
