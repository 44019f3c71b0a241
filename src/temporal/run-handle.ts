import { setTimeout as sleep } from 'node:timers/promises';
import {
  QueryNotRegisteredError,
  QueryRejectedError,
  ServiceError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { z } from 'zod';
import { runInputSchema } from '../config/run-input.js';
import type { CompleteRunInput } from '../config/run-input.js';
import {
  ABORT_SIGNAL,
  DRAIN_SIGNAL,
  EVENTS_QUERY,
  STATE_QUERY,
  UNSETTLED,
  taskQueueOf,
  workflowIdOf,
} from '../contract/run.js';
import type { EventsPage, RunResult, RunSnapshot } from '../contract/run.js';
import { EXIT, UserError } from '../errors.js';
import { EventsReader } from './events-reader.js';

/** The task that settles what a query would have told too early is about to come. Milliseconds. */
const SETTLES_WITHIN_MS = 100;

export interface RunDescription {
  /** First run ID of the chain. */
  runId: string;
  running: boolean;
  /** Temporal's word: RUNNING, COMPLETED, FAILED, TERMINATED, … */
  status: string;
  startedAt: Date;
  closedAt?: Date;
  projectDir?: string;
  input?: CompleteRunInput;
  /** A worker polls the project's task queue, as the server saw it in the last minutes. */
  hasWorker: boolean;
  /** When an activity that is going on last told that its worker lives; by the server's clock. */
  heartbeatAt?: Date;
  /** The last counts that the run wrote down; there without a worker, too. */
  memo?: Record<string, unknown>;
}

/** The run of a project: by workflow ID alone, so that it follows continue-as-new. */
export class RunHandle {
  readonly workflowId: string;
  private readonly reader = new EventsReader((after, runId) => this.askForEvents(after, runId));

  constructor(
    private readonly client: Client,
    readonly project: string,
  ) {
    this.workflowId = workflowIdOf(project);
  }

  /** Undefined: the project never had a run on this server, or it is past the server's retention. */
  async describe(): Promise<RunDescription | undefined> {
    const [description, hasWorker] = await Promise.all([this.describeExecution(), this.hasWorker()]);
    if (description === undefined) return undefined;
    const memo = description.memo ?? {};
    return {
      runId: description.raw.workflowExecutionInfo?.firstRunId || description.runId,
      running: description.status.name === 'RUNNING',
      status: description.status.name,
      startedAt: description.startTime,
      closedAt: description.closeTime,
      projectDir: typeof memo.projectDir === 'string' ? memo.projectDir : undefined,
      input: runInputSchema.safeParse(memo.input).data,
      hasWorker,
      heartbeatAt: lastHeartbeatOf(description),
      memo: z.record(z.string(), z.unknown()).safeParse(memo.snapshot).data,
    };
  }

  /** @throws UserError when there is no run, or no worker answers */
  async state(): Promise<RunSnapshot> {
    try {
      return await this.query(STATE_QUERY, []);
    } catch (error) {
      throw this.translate(error);
    }
  }

  /**
   * Events with seq > after, a page; older executions of the run are asked for theirs. Those that the server has deleted are left
   * out: the first event's seq tells.
   */
  async events(after: number): Promise<EventsPage> {
    try {
      return await this.reader.read(after);
    } catch (error) {
      throw this.translate(error);
    }
  }

  /** @throws UserError when no run is going on */
  abort(reason: string): Promise<void> {
    return this.signal(ABORT_SIGNAL, [reason]);
  }

  /** Nothing new starts; the run ends when its active agents have. */
  drain(): Promise<void> {
    return this.signal(DRAIN_SIGNAL, []);
  }

  /**
   * Waits for the end of the run, through continue-as-new.
   *
   * @throws UserError with what stopped it, when the workflow failed or was terminated
   */
  async result(): Promise<RunResult> {
    try {
      return await this.client.workflow.getHandle<() => Promise<RunResult>>(this.workflowId).result();
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw this.translate(error);
      const message = error.cause?.message ?? error.message;
      const type = error.cause !== undefined && 'type' in error.cause ? error.cause.type : undefined;
      const unusable = type === 'NotStartable' || type === 'InvalidInput';
      throw new UserError(message, unusable ? EXIT.usage : EXIT.failed);
    }
  }

  private async askForEvents(after: number, runId?: string): Promise<EventsPage | undefined> {
    try {
      return await this.query<EventsPage>(EVENTS_QUERY, [after], runId);
    } catch (error) {
      if (runId !== undefined && error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  private async query<T>(name: string, args: unknown[], runId?: string): Promise<T> {
    const deadline = Date.now() + 10_000;
    for (let isOver = false; ;) {
      try {
        return await this.client.withDeadline(deadline, () =>
          this.client.workflow
            .getHandle(this.workflowId, runId)
            .query<T, unknown[]>(name, ...args, ...(isOver ? [true] : [])),
        );
      } catch (error) {
        const isUnsettled = error instanceof QueryNotRegisteredError && error.message.includes(UNSETTLED);
        if (!isUnsettled || Date.now() > deadline) throw error;
        isOver = (await this.describeExecution())?.status.name !== 'RUNNING';
        if (!isOver) await sleep(SETTLES_WITHIN_MS);
      }
    }
  }

  private async signal(name: string, args: unknown[]): Promise<void> {
    try {
      await this.client.workflow.getHandle(this.workflowId).signal(name, ...args);
    } catch (error) {
      throw this.translate(error);
    }
  }

  private async describeExecution(): Promise<WorkflowExecutionDescription | undefined> {
    try {
      return await this.client.workflow.getHandle(this.workflowId).describe();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  private async hasWorker(): Promise<boolean> {
    const response = await this.client.workflowService.describeTaskQueue({
      namespace: this.client.options.namespace,
      taskQueue: { name: taskQueueOf(this.project) },
    });
    const now = Date.now();
    const recent = (seconds: unknown) => now - Number(seconds) * 1000 < 90_000;
    return (response.pollers ?? []).some((poller) => recent(poller.lastAccessTime?.seconds ?? 0));
  }

  private translate(error: unknown): unknown {
    if (error instanceof WorkflowNotFoundError) {
      return new UserError(`No run of '${this.project}' is going on. \`garland run\` starts one.`);
    }
    if (error instanceof QueryNotRegisteredError && error.message.includes(NONDETERMINISM)) {
      return new UserError(
        `The run of '${this.project}' was gone on with by another version of garland, and this one can't take it up: use that one (${error.message})`,
      );
    }
    if (error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError) {
      return new UserError(`The run of '${this.project}' can't answer: ${error.message}`);
    }
    return error;
  }
}

function lastHeartbeatOf({ raw }: WorkflowExecutionDescription): Date | undefined {
  const times = (raw.pendingActivities ?? []).map(
    ({ lastHeartbeatTime: at }) => Number(at?.seconds ?? 0) * 1000 + (at?.nanos ?? 0) / 1e6,
  );
  const last = times.reduce((latest, time) => Math.max(latest, time), 0);
  return last === 0 ? undefined : new Date(last);
}

/** How Temporal's errors say that a history doesn't fit the workflow's code. */
const NONDETERMINISM = '[TMPRL1100]';

/** The server went away, or nobody answered in time: worth trying again. */
export function isTransient(error: unknown): boolean {
  return error instanceof ServiceError;
}
