import {
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  patched,
  setCurrentDetails,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunResult, RunSnapshot } from '../src/contract/run.js';
import { carryState, restoreState } from './carried-state.js';
import type { CarriedState } from './carried-state.js';
import type { coordinator } from './coordinator.js';
import { renderCurrentDetails } from './current-details.js';
import { describeSpent, spentBudgets } from './decisions/budgets.js';
import { nextStep } from './decisions/next-step.js';
import type { Step } from './decisions/next-step.js';
import { EventLog } from './event-log.js';
import { workOnIssue } from './issue-work.js';
import { WAITING_IS_WATCHED } from './patches.js';
import { pollTracker, watchTracker } from './poll.js';
import { describeFailure, isAborting, now } from './run-context.js';
import type { RunContext } from './run-context.js';
import { prepare } from './prepare.js';
import { projectOf, webUrlOf } from './run-identity.js';
import { toSnapshot, toSummary } from './snapshot.js';
import { beginSpending, tellBudgets } from './spending.js';
import { applyPrepared, initialState, wantedAgents } from './state.js';
import type { ActiveWork, CoordinatorState, Ending } from './state.js';
import { tellWaiting } from './tell-waiting.js';
import { beginGiveUp, beginPoll, beginRelease, beginRetry, endPoll } from './transitions.js';

/** A memo costs an event in the history, so it is not written at every turn. Milliseconds. */
const MEMO_INTERVAL_MS = 15_000;

/** One execution of the workflow: the loop, and what its handlers change. */
export class Run implements RunContext {
  readonly state: CoordinatorState;
  readonly log: EventLog;
  /** What an abort stops: everything that is under way. */
  private readonly stoppable = new CancellationScope();
  /** One below it for each active issue. */
  private readonly scopes = new Map<string, CancellationScope>();
  /** And one below that while its agent works. */
  private readonly agents = new Map<ActiveWork, CancellationScope>();
  private stopping = false;
  private wakeups = 0;
  private memoAt = 0;
  private readonly warned: Set<string>;
  private summary: RunResult | undefined;

  constructor(
    private readonly input: unknown,
    private readonly carried: CarriedState | undefined,
  ) {
    const { workflowId, firstExecutionRunId } = workflowInfo();
    this.state = carried ? restoreState(carried) : initialState(projectOf(workflowId), firstExecutionRunId, now());
    this.log = new EventLog(this.state.lastSeq, carried?.previousRunId ?? null, carried?.last);
    this.warned = new Set(carried?.warned);
    // Here, because a signal that comes with the start is handled before anything else.
    if (carried === undefined) this.tellStart();
  }

  async execute(): Promise<RunResult> {
    if (this.carried === undefined) await this.begin();
    else for (const work of this.state.active.values()) this.goOn(work);
    const ending = await this.loop();
    return this.finish(ending);
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

  snapshot(): RunSnapshot {
    this.state.lastSeq = this.log.seq;
    return toSnapshot(this.state, workflowInfo().workflowId, this.summary);
  }

  readonly wake = (): void => {
    this.wakeups += 1;
  };

  /**
   * Somebody took the issue away: its agent is stopped, or isn't started again, nothing of it lands, its workspace is kept. What is
   * being finalized looks so, too, once it is closed.
   */
  withdraw(id: string, reason: string): void {
    const { state } = this;
    const work = state.active.get(id);
    const isAtWork = work !== undefined && work.phase !== 'finalizing' && work.withdrawn === undefined;
    if (!isAtWork && !state.retries.has(id)) return;
    this.log.append({ event: 'issue_withdrawn', id, reason });
    if (work === undefined) return this.goOn(beginRelease(state, id, now(), reason));
    work.withdrawn = reason;
    this.scopes.get(id)?.cancel();
  }

  async whileAgentWorks<T>(work: ActiveWork, what: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope();
    this.agents.set(work, scope);
    try {
      return await scope.run(what);
    } finally {
      this.agents.delete(work);
    }
  }

  checkBudgets(): void {
    const { state } = this;
    for (const event of tellBudgets(state, Date.now())) this.log.append(event);
    const [spent] = spentBudgets(state, Date.now());
    if (spent === undefined || !state.settings.budget?.hard) return;
    for (const [work, scope] of this.agents) {
      work.halted ??= describeSpent(spent);
      scope.cancel();
    }
  }

  warn(message: string): void {
    if (this.warned.has(message) || this.warned.size > 1000) return;
    this.warned.add(message);
    this.log.append({ event: 'warning', message });
  }

  private tellStart(): void {
    const { workflowId } = workflowInfo();
    this.log.append({ event: 'run_started', runId: this.state.runId, workflowId, webUrl: webUrlOf(this.input) });
  }

  private async begin(): Promise<void> {
    const { state } = this;
    const prepared = await prepare(this, this.input);
    // Aborted.
    if (prepared === undefined) return;
    applyPrepared(state, prepared);
    beginSpending(state, prepared);
    this.checkBudgets();
    for (const message of prepared.warnings) this.warn(message);
  }

  /** The seven steps, in the order that `nextStep` keeps. */
  private async loop(): Promise<Ending> {
    for (;;) {
      const watchesWaiting = this.state.retries.size > 0 && patched(WAITING_IS_WATCHED);
      const step = nextStep(this.state, {
        nowMs: Date.now(),
        stopping: this.stopping,
        renew: this.isLong(),
        watchesWaiting,
      });
      if (step.do === 'end') return step.ending;
      await this.take(step);
    }
  }

  private async take(step: Exclude<Step, { do: 'end' }>): Promise<void> {
    const { state } = this;
    switch (step.do) {
      case 'stop_all':
        this.stopping = true;
        return this.stoppable.cancel();
      case 'skip_poll':
        state.offered = 0;
        return;
      case 'poll':
        return this.look(step.take, () => pollTracker(this, step.take));
      case 'watch':
        return this.look(0, () => watchTracker(this));
      case 'retry':
        return this.goOn(beginRetry(state, step.id, now()));
      case 'give_up':
        return this.goOn(beginGiveUp(state, step.id, step.reason, now()));
      case 'release':
        return this.goOn(beginRelease(state, step.id, now()));
      case 'continue_as_new':
        return this.renew();
      case 'wait':
        return this.wait(step);
    }
  }

  goOn(work: ActiveWork): void {
    this.run(
      async () => {
        const scope = new CancellationScope();
        this.scopes.set(work.id, scope);
        await scope.run(() => workOnIssue(this, work));
        if (this.scopes.get(work.id) === scope) this.scopes.delete(work.id);
      },
      (reason) => this.warn(`${work.id}: ${reason}`),
    );
    const { active, maxAgents } = this.state;
    if (wantedAgents(this.state) === undefined && active.size >= maxAgents) {
      this.warn(`No limit of agents was given; the bound of ${maxAgents} is reached.`);
    }
  }

  isEnding(): boolean {
    return isAborting(this.state) || this.isLong();
  }

  private look(take: number, at: () => Promise<void>): void {
    beginPoll(this.state, take, Date.now());
    this.run(at, (reason) => {
      endPoll(this.state);
      if (!isAborting(this.state)) this.state.pollFailure = reason;
    });
  }

  /** In the background, with a handler for its failure: a rejection without one would fail the workflow task for ever. */
  private run(what: () => Promise<void>, onFailure: (reason: string) => void): void {
    void this.stoppable
      .run(what)
      .then(undefined, (error: unknown) => onFailure(describeFailure(error)))
      .then(this.wake);
  }

  /** Wakes for whatever happens, and at `untilMs` at the latest. */
  private async wait(step: Extract<Step, { do: 'wait' }>): Promise<void> {
    const { state } = this;
    const forAgents = step.for === 'agents';
    if (forAgents) tellWaiting(this);
    this.show();
    // A poll is over in a moment: what the memo says should hold for longer.
    if (step.for !== 'poll' && Date.now() - this.memoAt >= MEMO_INTERVAL_MS) this.writeMemo();
    const seen = this.wakeups;
    const awake = () => this.wakeups !== seen;
    if (step.untilMs === null) await condition(awake);
    else await condition(awake, Math.max(1, step.untilMs - Date.now()), { summary: 'until the next poll or retry' });
    if (forAgents) state.offered = null;
  }

  private isLong(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    return continueAsNewSuggested || historyLength >= (this.state.input.history_limit ?? Infinity);
  }

  /** Agents and gates go on; the next execution's activities attach to them. */
  private async renew(): Promise<void> {
    await condition(allHandlersFinished);
    this.state.lastSeq = this.log.seq;
    const told = { previousRunId: workflowInfo().runId, last: this.log.last, warned: this.warned };
    await continueAsNew<typeof coordinator>(this.input, carryState(this.state, told));
  }

  private async finish(ending: Ending): Promise<RunResult> {
    const { state, log } = this;
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

  private show(): void {
    setCurrentDetails(renderCurrentDetails(this.snapshot()));
  }

  private writeMemo(): void {
    this.memoAt = Date.now();
    const { phase, waitingFor, active, succeeded, failed, refused, aborted, usage, lastSeq } = this.snapshot();
    const counts = { active: active.length, succeeded: succeeded.length, failed: failed.length };
    upsertMemo({
      snapshot: { phase, waitingFor, ...counts, refused: refused.length, aborted: aborted.length, usage, lastSeq },
    });
  }
}
