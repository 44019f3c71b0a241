import {
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { READY_PAGE, RunResult } from '../src/contract/run.js';
import { call } from './activity-options.js';
import { renderCurrentDetails } from './current-details.js';
import { hasFreeSlot, isTaken, nextStep } from './decisions/next-step.js';
import type { Step } from './decisions/next-step.js';
import { EventLog } from './event-log.js';
import { workOnIssue } from './issue-work.js';
import { abortSignal, drainSignal, eventsQuery, stateQuery } from './messages.js';
import { persist } from './persistent-call.js';
import { describeFailure, isAborting, now, runRef } from './run-context.js';
import { toSnapshot, toSummary } from './snapshot.js';
import { applyPrepared, initialState } from './state.js';
import type { CoordinatorState, Ending } from './state.js';
import { beginClaim, beginPoll, beginRelease, beginRetry, excludedIds, takeOffer } from './transitions.js';

const WORKFLOW_ID_PREFIX = 'garland/';
const READY_LIMIT: typeof READY_PAGE = 500;
/** A memo costs an event in the history, so it is not written at every turn. Milliseconds. */
const MEMO_INTERVAL_MS = 15_000;

/**
 * Takes the ready issues of a project's tracker, runs one agent for each up to a limit, verifies and lands what each did,
 * and goes on until nothing is ready. `input` is checked by its first activity, whoever sent it: see RunInput.
 *
 * @returns how the run ended, and what became of each issue
 * @throws ApplicationFailure `InvalidInput` | `NotStartable` when nothing could be started
 */
export async function coordinator(input: unknown): Promise<RunResult> {
  const run = new Run();
  setHandler(abortSignal, (reason) => run.requestAbort(reason));
  setHandler(drainSignal, () => run.requestDrain());
  setHandler(stateQuery, () => run.snapshot());
  setHandler(eventsQuery, (after) => run.log.page(after ?? 0));
  // Cancelling from the Web UI or the CLI is an abort. The loop itself must not be cancelled, or nothing would be put in order.
  CancellationScope.current().cancelRequested.catch(() => run.requestAbort('the workflow was cancelled'));
  return CancellationScope.nonCancellable(() => run.execute(input));
}

/** One execution of the workflow: the loop, and what its handlers change. */
class Run {
  readonly state: CoordinatorState;
  readonly log: EventLog;
  /** What an abort stops: everything that is under way. */
  private readonly stoppable = new CancellationScope();
  private stopping = false;
  private wakeups = 0;
  private memoAt = 0;
  private readonly warned = new Set<string>();
  private summary: RunResult | undefined;

  constructor() {
    this.state = initialState(projectOf(workflowInfo().workflowId), workflowInfo().firstExecutionRunId, now());
    this.log = new EventLog(0, null);
  }

  async execute(input: unknown): Promise<RunResult> {
    const { state, log } = this;
    log.append({
      event: 'run_started',
      runId: state.runId,
      workflowId: workflowInfo().workflowId,
      webUrl: webUrlOf(input),
    });
    const prepared = await this.prepare(input);
    applyPrepared(state, prepared);
    for (const message of prepared.warnings) this.warn(message);

    const ending = await this.loop();
    if (ending.reason !== null) log.append({ event: 'no_more_issues', reason: ending.reason });
    const summary = toSummary(state, ending);
    log.append(summary);
    const { runId, project, details: finished, integration } = state;
    this.summary = { ...summary, runId, project, finished, integration };
    this.show();
    this.writeMemo();
    await condition(allHandlersFinished);
    return this.summary;
  }

  requestAbort(reason: unknown): void {
    if (isAborting(this.state) || this.summary !== undefined) return;
    this.state.abortReason =
      typeof reason === 'string' && reason.trim() !== '' ? reason.slice(0, 500) : 'no reason given';
    this.log.append({ event: 'abort_requested', reason: this.state.abortReason });
    this.wake();
  }

  requestDrain(): void {
    this.state.draining = true;
    this.wake();
  }

  snapshot() {
    this.state.lastSeq = this.log.seq;
    return toSnapshot(this.state, workflowInfo().workflowId, this.summary);
  }

  wake(): void {
    this.wakeups += 1;
  }

  /** The seven steps, in the order that `nextStep` keeps. */
  private async loop(): Promise<Ending> {
    for (;;) {
      const step = nextStep(this.state, this.stopping, Date.now());
      if (step.do === 'end') return step.ending;
      await this.take(step);
    }
  }

  private async take(step: Exclude<Step, { do: 'end' }>): Promise<void> {
    const { state } = this;
    switch (step.do) {
      case 'stop_all':
        this.stopping = true;
        this.stoppable.cancel();
        return;
      case 'skip_poll':
        state.offer = { polled: false, offered: 0, untried: [], more: false };
        return;
      case 'poll':
        return this.startPoll();
      case 'claim':
        return this.begin(beginClaim(state, step.id, now()));
      case 'retry':
        return this.begin(beginRetry(state, step.id, now()));
      case 'release':
        return this.begin(beginRelease(state, step.id, now()));
      case 'wait':
        return this.wait(step);
    }
  }

  private begin(work: Parameters<typeof workOnIssue>[1]): void {
    void this.stoppable
      .run(() => workOnIssue(this, work))
      .then(undefined, (error: unknown) => {
        this.warn(`${work.id}: ${describeFailure(error)}`);
      });
    if (this.state.input.max_agents === undefined && !hasFreeSlot(this.state)) {
      this.warn(`No limit of agents was given; the bound of ${this.state.maxAgents} is reached.`);
    }
  }

  private startPoll(): void {
    beginPoll(this.state);
    void this.stoppable
      .run(() => this.poll())
      .then(undefined, (error: unknown) => {
        if (!isAborting(this.state)) this.state.pollFailure = describeFailure(error);
      })
      .then(() => {
        this.state.polling = false;
        this.wake();
      });
  }

  /** Rejects when polling has failed for too long. */
  private async poll(): Promise<void> {
    const { state, log } = this;
    for (;;) {
      const { epic, only, order, wip_first, orphans_only, types, retry_failed } = state.input;
      const to = { project: state.project, summary: 'what is ready', once: true };
      const request = () => ({
        run: runRef(state),
        selection: { epic, only, order, wip_first, orphans_only, types, retry_failed },
        exclude: excludedIds(state),
        handled: only.filter((id) => isTaken(state, id)),
        limit: READY_LIMIT,
      });
      const page = await persist(() => call.fetchReadyIssues(to, request()), {
        giveUpAfterMs: state.settings.pollGiveUpMs,
        onTrouble: (reason) => this.tellPollTrouble(reason),
      });
      for (const message of page.warnings) this.warn(message);
      const askAgain = takeOffer(state, page);
      if (askAgain) continue;
      const ids = state.offer?.untried ?? [];
      if (ids.length > 0) log.append({ event: 'ready_issues', ids });
      return;
    }
  }

  private tellPollTrouble(reason: string | null): void {
    const { state, log } = this;
    if (reason !== null && state.pollTrouble === null) {
      log.append({ event: 'warning', message: `the tracker could not be read: ${reason}; trying again` });
    }
    state.pollTrouble = reason;
    this.show();
  }

  /** Wakes for whatever happens, and at the latest when a retry is due or it is time to poll again. */
  private async wait(step: Extract<Step, { do: 'wait' }>): Promise<void> {
    const { state, log } = this;
    const forAgents = step.for === 'agents';
    if (forAgents && state.active.size > 0) this.tellWaiting(state.active.size);
    state.lastSeq = log.seq;
    this.show();
    if (Date.now() - this.memoAt >= MEMO_INTERVAL_MS) this.writeMemo();
    const seen = this.wakeups;
    const awake = () => this.wakeups !== seen;
    if (step.untilMs === null) await condition(awake);
    else await condition(awake, Math.max(1, step.untilMs - Date.now()), { summary: 'until the next poll or retry' });
    if (forAgents) state.offer = null;
  }

  private tellWaiting(count: number): void {
    const { last } = this.log;
    if (last?.event === 'waiting_for_agents' && last.count === count) return;
    this.log.append({ event: 'waiting_for_agents', count });
  }

  private async prepare(input: unknown) {
    const { project, runId } = this.state;
    try {
      return await call.prepareRun({ project, summary: 'check the input and the repository' }, project, runId, input);
    } catch (error) {
      throw ApplicationFailure.create({ message: describeFailure(error), type: 'NotStartable', nonRetryable: true });
    }
  }

  private warn(message: string): void {
    if (this.warned.has(message) || this.warned.size > 1000) return;
    this.warned.add(message);
    this.log.append({ event: 'warning', message });
  }

  private show(): void {
    setCurrentDetails(renderCurrentDetails(this.snapshot()));
  }

  private writeMemo(): void {
    this.memoAt = Date.now();
    const { phase, waitingFor, active, succeeded, failed, refused, aborted, lastSeq } = this.snapshot();
    const counts = { active: active.length, succeeded: succeeded.length, failed: failed.length };
    upsertMemo({
      snapshot: { phase, waitingFor, ...counts, refused: refused.length, aborted: aborted.length, lastSeq },
    });
  }
}

function projectOf(workflowId: string): string {
  if (workflowId.startsWith(WORKFLOW_ID_PREFIX) && workflowId.length > WORKFLOW_ID_PREFIX.length) {
    return workflowId.slice(WORKFLOW_ID_PREFIX.length);
  }
  const message = `The workflow ID is ${workflowId}, but it must be ${WORKFLOW_ID_PREFIX}<project>: it is what keeps a project to one run.`;
  throw ApplicationFailure.create({ message, type: 'InvalidInput', nonRetryable: true });
}

function webUrlOf(input: unknown): string | null {
  const base = typeof input === 'object' && input !== null && 'web_url' in input ? input.web_url : null;
  if (typeof base !== 'string' || base === '') return null;
  const { namespace, workflowId, runId } = workflowInfo();
  return `${base.replace(/\/$/, '')}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}`;
}
