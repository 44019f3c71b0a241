import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { LogLevel, WorkerOptions } from '@temporalio/worker';
import { Client, Connection } from '@temporalio/client';
import { createActivities } from '../../activities/index.js';
import { agentsTaskQueueOf, MAX_AGENTS_BOUND, taskQueueOf, UNSETTLED } from '../contract/run.js';
import { UserError } from '../errors.js';
import { LeftRunning } from '../processes/interruption.js';
import { isRunGoingOn } from './run-status.js';
import { keepsBeating } from './heartbeat-interceptor.js';
import { hidesSecrets } from './secrets-interceptor.js';
import { describeConnectFailure } from './connection.js';
import type { ServerConnection } from './connection.js';

export interface WorkerOptionsOfGarland {
  server: ServerConnection;
  project: string;
  /** Answers queries and runs the workflow's code, but takes no activities: for `status` when nobody else is there. */
  queriesOnly?: boolean;
  onLog?: (line: string) => void;
}

export interface RunningWorker {
  /** Hands over: agents go on, the next worker re-attaches. */
  shutdown(): Promise<void>;
  /** Resolves after shutdown; rejects when the worker dies by itself. */
  finished: Promise<void>;
}

/** Compiled beside this file: dist/workflow-bundle.js, made once by the build. */
const BUNDLE = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

/** Short activities run beside the agents' queue, so a full house of agents never holds up a claim. */
const SHORT_SLOTS = 200;
/** Every agent and every gate of a run that "has no limit". */
const AGENT_SLOTS = MAX_AGENTS_BOUND * 2;

/**
 * Polls the project's two task queues. Both in one process: the files that agents leave behind are on this machine.
 *
 * @throws UserError when the server can't be reached
 */
export async function startWorker(options: WorkerOptionsOfGarland): Promise<RunningWorker> {
  const { server, project } = options;
  installRuntime(options.onLog);
  const connection = await NativeConnection.connect(server.connectionOptions).catch((error: unknown) => {
    throw new UserError(describeConnectFailure(server, error));
  });
  const clientConnection = await Connection.connect(server.connectionOptions);
  const client = new Client({ connection: clientConnection, namespace: server.namespace });
  const activities = createActivities({ isRunGoingOn: (runProject, runId) => isRunGoingOn(client, runProject, runId) });
  const common: Partial<WorkerOptions> = {
    connection,
    namespace: server.namespace,
    // Activities are told at once and let go of their agents; nothing is waited for.
    shutdownGraceTime: 0,
    shutdownForceTime: '15s',
    maxHeartbeatThrottleInterval: '200ms',
    defaultHeartbeatThrottleInterval: '200ms',
    interceptors: { activity: [keepsBeating, hidesSecrets] },
  };
  const workers = [
    await Worker.create({
      ...common,
      taskQueue: taskQueueOf(project),
      workflowBundle: { codePath: BUNDLE },
      // A project has one run: what it was before it continued as new is only read now and then.
      maxCachedWorkflows: 2,
      // After a crash the dead worker's own queue holds tasks back for this long.
      stickyQueueScheduleToStartTimeout: '3s',
      // As many short activities as one turn of the loop may ask for, where the server hands them out eagerly.
      maxEagerActivityReservationsPerWorkflowTask: 50,
      ...(options.queriesOnly ? {} : { activities, maxConcurrentActivityTaskExecutions: SHORT_SLOTS }),
    }),
  ];
  if (!options.queriesOnly) {
    const taskQueue = agentsTaskQueueOf(project);
    workers.push(
      await Worker.create({ ...common, taskQueue, activities, maxConcurrentActivityTaskExecutions: AGENT_SLOTS }),
    );
  }
  const finished = runAll(workers, async () => {
    await clientConnection.close();
    await connection.close();
  });
  return {
    finished,
    async shutdown() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await finished;
    },
  };
}

/** When one of the two dies, the other must not go on alone. */
async function runAll(workers: Worker[], close: () => Promise<void>): Promise<void> {
  const runs = workers.map((worker) => worker.run());
  try {
    await Promise.race(runs);
  } finally {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.allSettled(runs);
    await close();
  }
  await Promise.all(runs);
}

const EXPECTED = /^(No workflows registered|Failing legacy query request)/;

/** The agents' queue has no workflows, a worker that leaves lets go of its agents, and a query may be refused for a moment. */
function isMeantToBe(message: string, error: unknown): boolean {
  const isRefusal = error instanceof Error && error.message === UNSETTLED;
  return EXPECTED.test(message) || error instanceof LeftRunning || isRefusal;
}

let installed = false;

/** Once a process, before anything else of the SDK. Signals are the command line's business. */
function installRuntime(onLog: ((line: string) => void) | undefined): void {
  if (installed) return;
  installed = true;
  // Left to itself, V8 lets a heap grow to several times what is in use before it looks. Agents need the memory more.
  setFlagsFromString('--heap-growing-percent=30');
  const level: LogLevel = process.env.GARLAND_DEBUG ? 'DEBUG' : 'WARN';
  const logger = new DefaultLogger(level, (entry) => {
    if (isMeantToBe(entry.message, entry.meta?.error)) return;
    const detail = entry.meta?.error instanceof Error ? `: ${entry.meta.error.message}` : '';
    onLog?.(`${entry.level.toLowerCase()}: ${entry.message}${detail}`);
  });
  Runtime.install({ shutdownSignals: [], logger, telemetryOptions: { logging: { forward: {}, filter: 'WARN' } } });
}
