import { ActivityFailure, ApplicationFailure, CancellationScope, TimeoutFailure } from '@temporalio/workflow';
import type { RetryAfter, RunRef, UnwrittenState } from '../src/contract/activities.js';
import type { EventLog } from './event-log.js';
import type { ActiveWork, CoordinatorState } from './state.js';

/** What the parts of one run share. */
export interface RunContext {
  state: CoordinatorState;
  log: EventLog;
  /** Wakes the loop: something happened that it has to look at. */
  wake: () => void;
  warn(message: string): void;
  withdraw(id: string, reason: string): void;
  /** As long as its agent is at work, a budget that is spent can stop it. */
  whileAgentWorks<T>(work: ActiveWork, what: () => Promise<T>): Promise<T>;
  /** After whatever changes what is spent, or what may be. */
  checkBudgets(): void;
  /** Begins the life of an issue, or goes on with it, in the background. */
  goOn(work: ActiveWork): void;
  /** Aborting, or about to continue as new: nothing new should be asked for. */
  isEnding(): boolean;
}

export function runRef(state: CoordinatorState): RunRef {
  return {
    runId: state.runId,
    project: state.project,
    projectDir: state.input.project_dir,
    configFile: state.input.config_file,
    agentCommand: state.input.agent_command,
  };
}

/** ISO 8601, from the workflow's clock: the same on every replay. */
export function now(): string {
  return new Date().toISOString();
}

/** Why an issue's work is being stopped from outside, or null. */
export function stopReason(state: CoordinatorState, work: ActiveWork): string | null {
  if (work.withdrawn !== undefined) return work.withdrawn;
  return isAborting(state) ? 'the run was aborted' : null;
}

export function isAborting(state: CoordinatorState): boolean {
  return state.abortReason !== null;
}

/** What must happen although everything else is being stopped. */
export function unstoppable<T>(fn: () => Promise<T>): Promise<T> {
  return CancellationScope.nonCancellable(fn);
}

/** Failures arrive wrapped; the innermost message is the one that a person can use. */
export function describeFailure(error: unknown): string {
  const innermost = unwrap(error);
  return innermost instanceof Error ? innermost.message : String(innermost);
}

/** What a failed `finalizeIssue` has found out. It says nothing when its worker died, or when it comes from an older one. */
export function unwrittenStateOf(error: unknown): UnwrittenState {
  const [state] = detailsOf(error);
  return state === 'written' || state === 'not_written' ? state : 'unknown';
}

/** When trying again may help, in milliseconds from now. Undefined when the failure doesn't say. */
export function retryAfterOf(error: unknown): number | undefined {
  return detailsOf(error).find(isRetryAfter)?.retryAfterMs;
}

function isRetryAfter(detail: unknown): detail is RetryAfter {
  return typeof detail === 'object' && detail !== null && 'retryAfterMs' in detail;
}

function detailsOf(error: unknown): unknown[] {
  const innermost = unwrap(error);
  return (innermost instanceof ApplicationFailure && innermost.details) || [];
}

function unwrap(error: unknown): unknown {
  let current: unknown = error;
  while ((current instanceof ActivityFailure || current instanceof TimeoutFailure) && current.cause !== undefined) {
    current = current.cause;
  }
  return current;
}
