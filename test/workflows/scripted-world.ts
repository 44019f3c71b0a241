import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Context } from '@temporalio/activity';
import { Client, Connection, QueryNotRegisteredError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { onTestFinished } from 'vitest';
import type { CompleteRunInput } from '../../src/config/run-input.js';
import type {
  Activities,
  BrokenEdit,
  Day,
  FetchRequest,
  ReadyPage,
  RunSettings,
} from '../../src/contract/activities.js';
import type { AgentKind } from '../../src/contract/agents.js';
import type { RunEvent } from '../../src/contract/events.js';
import type { AgentResult, Verdict } from '../../src/contract/outcomes.js';
import type { EventsPage, RunResult, RunSnapshot } from '../../src/contract/run.js';
import { UNSETTLED, agentsTaskQueueOf, taskQueueOf, workflowIdOf } from '../../src/contract/run.js';
import type { CarriedState } from '../../workflows/carried-state.js';
import { installQuietRuntime } from './quiet-runtime.js';

const BUNDLE = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));

export const SETTINGS: RunSettings = {
  pollIntervalMs: 60_000,
  pollGiveUpMs: 60_000,
  maxAttempts: 1,
  maxRetryBackoffMs: 50,
  agentLabel: 'scripted',
  verifies: true,
};

export function agentResult(change: Partial<AgentResult> = {}): AgentResult {
  const at = new Date().toISOString();
  return {
    outcome: 'succeeded',
    reason: 'exit 0',
    startedAt: at,
    endedAt: at,
    seconds: 0,
    directory: '/attempt',
    ...change,
  };
}

export const LANDED: Verdict = { accepted: true, landing: 'landed', reason: 'landed' };

/** Resolves when the activity is cancelled: an agent that runs until it is stopped. */
export async function untilStopped(request?: { settle?: boolean }): Promise<AgentResult> {
  if (!request?.settle) await Context.current().cancelled.catch(() => {});
  return agentResult({ outcome: 'aborted', reason: 'stopped' });
}

/** Closed when the test has ended. */
export async function openWorld(ready: string[], override: Partial<Activities> = {}): Promise<ScriptedWorld> {
  const world = new ScriptedWorld(ready, override);
  onTestFinished(() => world.close());
  return world.open();
}

/** The workflow on the real server, with activities that answer by script. Each has a project, hence task queues, of its own. */
export class ScriptedWorld {
  readonly project = `test-${randomUUID().slice(0, 8)}`;
  readonly workflowId = workflowIdOf(this.project);
  /** What the tracker lists as ready, in order. */
  ready: string[];
  settings: RunSettings = { ...SETTINGS };
  day: Day | undefined;
  spentTodayUsd = 0;
  brokenEdit: BrokenEdit | undefined;
  /** Which kind of agent an issue asks for. */
  readonly kinds = new Map<string, AgentKind>();
  /** Issues for which no agent can be started: why. */
  readonly unfit = new Map<string, string>();
  /** Why an issue can't be claimed; undefined: it can. */
  claim: (id: string) => Promise<string | undefined> = async () => undefined;
  private readonly claimed = new Set<string>();
  private turns: Promise<unknown> = Promise.resolve();
  readonly calls: { name: keyof Activities; id: string }[] = [];
  private readonly workers: Worker[] = [];
  private runs: Promise<void>[] = [];
  private connections: { close(): Promise<void> }[] = [];
  private client: Client | undefined;
  activities: Activities;

  constructor(ready: string[], override: Partial<Activities> = {}) {
    this.ready = ready;
    this.activities = { ...this.defaultActivities(), ...override };
  }

  /** `maxCachedWorkflows: 0` makes the workflow replay at every task: whatever isn't deterministic fails. */
  async open(): Promise<this> {
    installQuietRuntime();
    const address = process.env['TEMPORAL_ADDRESS'] ?? '';
    const connection = await NativeConnection.connect({ address });
    const clientConnection = await Connection.connect({ address });
    this.connections = [clientConnection, connection];
    this.client = new Client({ connection: clientConnection });
    const activities = this.recording();
    const taskQueue = taskQueueOf(this.project);
    const agentsQueue = agentsTaskQueueOf(this.project);
    const throttle = { maxHeartbeatThrottleInterval: 50, defaultHeartbeatThrottleInterval: 50 };
    this.workers.push(
      await Worker.create({
        connection,
        taskQueue,
        activities,
        workflowBundle: { codePath: BUNDLE },
        maxCachedWorkflows: 0,
        ...throttle,
      }),
      await Worker.create({ connection, taskQueue: agentsQueue, activities, ...throttle }),
    );
    this.runs = this.workers.map((worker) => worker.run());
    return this;
  }

  async close(): Promise<void> {
    for (const worker of this.workers) worker.shutdown();
    await Promise.all(this.runs);
    for (const connection of this.connections) await connection.close();
  }

  /** With `carried` it goes on where another execution has ended. */
  async start(input: unknown = { project_dir: '/project' }, carried?: CarriedState): Promise<WorkflowHandle> {
    if (this.client === undefined) throw new Error('open it first');
    return this.client.workflow.start('coordinator', {
      workflowId: this.workflowId,
      taskQueue: taskQueueOf(this.project),
      args: [input, carried],
    });
  }

  /** The signal is there before the run's first step. */
  async startAborted(reason: string): Promise<WorkflowHandle> {
    if (this.client === undefined) throw new Error('open it first');
    return this.client.workflow.signalWithStart('coordinator', {
      workflowId: this.workflowId,
      taskQueue: taskQueueOf(this.project),
      args: [{ project_dir: '/project' }],
      signal: 'abort',
      signalArgs: [reason],
    });
  }

  async run(input?: unknown): Promise<{ result: RunResult; events: RunEvent[]; handle: WorkflowHandle }> {
    const handle = await this.start(input);
    const result = (await handle.result()) as RunResult;
    return { result, events: await eventsOf(handle), handle };
  }

  /** By workflow ID alone: follows continue-as-new. */
  handle(): WorkflowHandle {
    if (this.client === undefined) throw new Error('open it first');
    return this.client.workflow.getHandle(this.workflowId);
  }

  /** How often an activity was called, for one issue or for all. */
  count(name: keyof Activities, id?: string): number {
    return this.calls.filter((call) => call.name === name && (id === undefined || call.id === id)).length;
  }

  private defaultActivities(): Activities {
    return {
      prepareRun: async (_project, _runId, raw) => {
        const input = {
          only: [],
          order: 'epic',
          wip_first: false,
          orphans_only: false,
          retry_failed: false,
          ...(raw as object),
        };
        return {
          input: input as unknown as CompleteRunInput,
          settings: this.settings,
          day: this.day,
          spentTodayUsd: this.spentTodayUsd,
          integration: null,
          warnings: [],
        };
      },
      fetchReadyIssues: (request) => this.inTurn(() => this.fetch(request)),
      runAgent: async () => agentResult(),
      verifyWork: async () => LANDED,
      finalizeIssue: async ({ settlement, issueId, next }) => {
        if (settlement.kind === 'close') this.ready = this.ready.filter((id) => id !== issueId);
        const outcome =
          settlement.kind === 'close' ? settlement.outcome : settlement.kind === 'fail' ? 'failed' : 'aborted';
        const page =
          next === undefined ? undefined : await this.activities.fetchReadyIssues(next).catch(() => undefined);
        return { outcome, notes: [], closedEpics: [], adopted: [], next: page };
      },
    };
  }

  private async fetch({ exclude, offers, take, limited = [] }: FetchRequest): Promise<ReadyPage> {
    const nothing = {
      ids: [],
      taken: [],
      refused: [],
      stale: [],
      withdrawn: [],
      warnings: [],
      settings: this.settings,
      brokenEdit: this.brokenEdit,
      day: this.day,
    };
    if (!offers) return nothing;
    const listed = this.ready.filter((id) => !exclude.includes(id));
    const fresh = listed.filter((id) => !this.claimed.has(id));
    const kindOf = (id: string) => this.kinds.get(id) ?? 'shell';
    const ids = fresh.filter((id) => !limited.includes(kindOf(id)));
    const held = fresh.filter((id) => limited.includes(kindOf(id)));
    const page: ReadyPage = { ...nothing, ids, held, stale: listed.filter((id) => this.claimed.has(id)) };
    for (const id of ids) {
      if (page.taken.length >= take) break;
      const refusal = await this.claim(id);
      if (refusal !== undefined) page.refused.push({ id, reason: refusal });
      else {
        const unfit = this.unfit.get(id);
        const agent = { kind: kindOf(id) };
        const known = { id, title: `Title of ${id}`, workspace: `/workspaces/${id}` };
        page.taken.push({ ...known, ...(unfit === undefined ? { agent } : { unfit }) });
      }
    }
    for (const { id } of page.taken) this.claimed.add(id);
    return page;
  }

  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.turns.then(action);
    this.turns = turn.catch(() => {});
    return turn;
  }

  /** With heartbeats, so that cancellations arrive, as garland's own worker does. */
  private recording(): object {
    const entries = Object.entries(this.activities).map(([name]) => [
      name,
      async (request: { issueId?: string }, ...rest: unknown[]) => {
        this.calls.push({ name: name as keyof Activities, id: request.issueId ?? '' });
        const context = Context.current();
        const timer = setInterval(() => context.heartbeat(), 50);
        try {
          const activity = this.activities[name as keyof Activities] as (...args: unknown[]) => Promise<unknown>;
          return await activity(request, ...rest);
        } finally {
          clearInterval(timer);
        }
      },
    ]);
    return Object.fromEntries(entries);
  }
}

/** As RunHandle does it: older executions of the run hold the older events. */
async function pageOf(handle: WorkflowHandle, after: number): Promise<EventsPage> {
  let page = await ask<EventsPage>(handle, 'events', after);
  while (page.firstSeq > after + 1 && page.previousRunId !== null) {
    page = await ask<EventsPage>(handle.client.getHandle(handle.workflowId, page.previousRunId), 'events', after);
  }
  return page;
}

export async function eventsOf(handle: WorkflowHandle): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const page = await pageOf(handle, events.length);
    if (page.events.length === 0) return events;
    events.push(...page.events);
  }
}

export async function stateOf(handle: WorkflowHandle): Promise<RunSnapshot> {
  return ask<RunSnapshot>(handle, 'state');
}

/** As RunHandle does it: again when the answer would have been told too early. */
async function ask<T>(handle: WorkflowHandle, query: string, ...args: unknown[]): Promise<T> {
  for (;;) {
    try {
      return (await handle.query(query, ...args)) as T;
    } catch (error) {
      if (!(error instanceof QueryNotRegisteredError && error.message.includes(UNSETTLED))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/** Asks again until it holds; fails with the last answer. */
export async function waitFor<T>(
  look: () => Promise<T> | T,
  holds: (value: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    if (Date.now() > deadline) throw new Error(`never came true; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
