import { patched } from '@temporalio/workflow';
import type {
  AttemptRequest,
  FinalizeAnswer,
  FinalizeRequest,
  Settlement,
  VerifyRequest,
} from '../src/contract/activities.js';
import type { AgentResult, Verdict } from '../src/contract/outcomes.js';
import { call } from './activity-options.js';
import type { Call } from './activity-options.js';
import { allowanceUsd } from './decisions/budgets.js';
import { kindOf } from './decisions/holds.js';
import { isWorthVerifying } from './decisions/settle-attempt.js';
import { outcomeOf, settleUnwritten } from './decisions/settle-unwritten.js';
import { describeFailure, now, runRef, stopReason, unstoppable, unwrittenStateOf, isAborting } from './run-context.js';
import type { RunContext } from './run-context.js';
import type { ActiveWork, CoordinatorState } from './state.js';
import { persist } from './persistent-call.js';
import type { Persistence } from './persistent-call.js';
import { receivePage, requestNext } from './poll.js';
import { settleWork } from './settle-work.js';
import { noteUsage, tellIssueBudgets } from './spending.js';
import { dropReturned, enterPhase, finish, settle } from './transitions.js';

/**
 * One issue's life in a slot, once it is claimed: run an agent, verify and land, finalize. Goes on from the phase that `work` is in, so
 * that it can be taken up again. Never rejects: whatever fails becomes the issue's outcome.
 */
export async function workOnIssue(run: RunContext, work: ActiveWork): Promise<void> {
  try {
    while (work.phase === 'running' || work.phase === 'verifying') {
      await (work.phase === 'running' ? runAgent(run, work) : verify(run, work));
    }
  } catch (error) {
    settle(work, { kind: 'fail', reason: describeFailure(error) }, now());
  }
  try {
    if (work.phase === 'finalizing') await finalize(run, work);
  } finally {
    run.wake();
  }
}

async function runAgent(run: RunContext, work: ActiveWork): Promise<void> {
  const { state, log } = run;
  if (work.startedAt === undefined) {
    work.startedAt = now();
    const workspace = work.workspace ?? '';
    log.append({ event: 'agent_started', id: work.id, attempt: work.attempt, ...laterTurn(work), workspace });
  }
  const result = await hearOfAgent(run, work);
  work.result = result;
  const { outcome, seconds } = result;
  log.append({ event: 'agent_finished', id: work.id, attempt: work.attempt, ...laterTurn(work), outcome, seconds });

  for (const message of result.warnings ?? []) log.append({ event: 'warning', message: `${work.id}: ${message}` });
  countUsage(run, work, result);

  const worthVerifying = isWorthVerifying(result) && stopReason(state, work) === null;
  if (worthVerifying && state.settings.verifies) return enterPhase(work, 'verifying', now());
  if (worthVerifying) work.verdict = { accepted: true, landing: 'nothing', reason: result.reason };
  settleEnded({ state, log }, work, result);
}

async function hearOfAgent(run: RunContext, work: ActiveWork): Promise<AgentResult> {
  const { state } = run;
  const allowance = allowanceUsd(state, work.usage, Date.now());
  const request = { ...attemptRequest(run, work), ...(allowance === undefined ? {} : { allowanceUsd: allowance }) };
  // Not after continue-as-new in the middle of being stopped.
  if (work.halted === undefined && work.withdrawn === undefined) {
    try {
      const what = work.agent?.kind ?? state.settings.agentLabel;
      return await run.whileAgentWorks(work, () => call.runAgent(attemptSummary(state, work, what), request));
    } catch {
      // Cancelled, by an abort, by a budget, or because somebody took the issue away.
    }
  }
  // Stop it now, and hear what became of it.
  return unstoppable(() => call.runAgent(attemptSummary(state, work, 'stop'), { ...request, settle: true }));
}

function countUsage(run: RunContext, work: ActiveWork, { outcome, usage }: AgentResult): void {
  const { state, log } = run;
  const { budget } = state.settings;
  if (usage !== undefined) {
    noteUsage(state, work, usage, Date.now());
    for (const event of tellIssueBudgets(state, work)) log.append(event);
  }
  run.checkBudgets();
  if (budget === undefined) return;
  const { runUsd, issueUsd, dayUsd, runTokens, issueTokens } = budget;
  const needsUsd = (runUsd ?? issueUsd ?? dayUsd) !== undefined;
  const needsTokens = (runTokens ?? issueTokens) !== undefined;
  const kind = kindOf(work);
  if (usage === undefined) {
    if ((needsUsd || needsTokens) && hasEndedByItself(outcome)) {
      run.warn(`agents of kind ${kind} don't tell what they use: budgets don't count them`);
    }
  } else if (needsUsd && usage.usd === null) {
    run.warn(
      `what an agent of kind ${kind} has used is known in tokens alone: set ${kind}.prices, or budgets in US dollars don't count it`,
    );
  }
}

function hasEndedByItself(outcome: AgentResult['outcome']): boolean {
  return outcome === 'succeeded' || outcome === 'no_change' || outcome === 'failed';
}

async function verify({ state, log }: RunContext, work: ActiveWork): Promise<void> {
  const result = work.result;
  if (result === undefined) throw new Error(`${work.id} is verified before its agent ended`);
  const request = {
    ...attemptRequest({ state }, work),
    noChange: result.outcome === 'no_change',
    said: result.lastMessage,
  };
  work.verdict = await hearOfGate(state, work, request);
  settleEnded({ state, log }, work, result);
}

async function hearOfGate(state: CoordinatorState, work: ActiveWork, request: VerifyRequest): Promise<Verdict> {
  // Not after continue-as-new in the middle of being stopped.
  if (work.withdrawn === undefined) {
    try {
      return await call.verifyWork(attemptSummary(state, work, 'verify and land'), request);
    } catch {
      // Cancelled, by an abort, or because somebody took the issue away.
    }
  }
  const stop = { ...request, settle: true };
  return unstoppable(() => call.verifyWork(attemptSummary(state, work, 'settle landing'), stop));
}

function settleEnded({ state, log }: Pick<RunContext, 'state' | 'log'>, work: ActiveWork, result: AgentResult): void {
  const stopped = stopReason(state, work);
  for (const event of settleWork(state, work, { result, stopped, nowMs: Date.now(), patched })) log.append(event);
}

async function finalize(run: RunContext, work: ActiveWork): Promise<void> {
  const { state, log } = run;
  const settlement = work.settlement;
  if (settlement === undefined) throw new Error(`${work.id} was not settled`);
  if (work.unstarted) return giveBack(run, work, settlement);
  let { outcome, reason } = { outcome: outcomeOf(settlement), reason: settlement.reason };
  let workspace = work.workspace;
  const next = requestNext(run);
  if (next !== undefined) state.asked += 1;
  let answer: FinalizeAnswer | undefined;
  try {
    answer = await callFinalize(run, work, { settlement, next });
    outcome = answer.outcome;
    reason = [reason, ...answer.notes].join('; ');
    workspace = answer.workspace;
    for (const id of answer.adopted) log.append({ event: 'warning', message: `${work.id} added the issue ${id}` });
  } catch (error) {
    ({ outcome, reason } = settleUnwritten(settlement, unwrittenStateOf(error), describeFailure(error)));
  }
  if (next !== undefined) state.asked -= 1;
  const { id, title, attempt: attempts, turn: turns, agent: choice, usage } = work;
  const agent = work.result?.outcome;
  finish(state, { id, title, outcome, reason, attempts, turns, agent, kind: choice?.kind, usage, workspace });
  log.append({ event: 'issue_finalized', id, outcome, reason });
  if (answer?.next !== undefined) receivePage(run, answer.next);
}

/** Claimed too late to be started. */
async function giveBack(run: RunContext, work: ActiveWork, settlement: Settlement): Promise<void> {
  try {
    await callFinalize(run, work, { settlement });
  } catch (error) {
    const message = `${work.id} may still be marked in progress: ${describeFailure(error)}`;
    run.log.append({ event: 'warning', message });
  }
  dropReturned(run.state, work.id);
}

function callFinalize(
  run: RunContext,
  work: ActiveWork,
  what: Pick<FinalizeRequest, 'settlement' | 'next'>,
): Promise<FinalizeAnswer> {
  const { state } = run;
  const to = { ...summary(state.project, work.id, what.settlement.kind), once: true };
  const request = { ...attemptRequest(run, work), ...what };
  return unstoppable(() => persist(() => call.finalizeIssue(to, request), persistence(run, work)));
}

/** How long the tracker may refuse to be written: as long as it may refuse to be read. */
function persistence({ state, log }: Pick<RunContext, 'state' | 'log'>, work: ActiveWork): Persistence {
  let told = false;
  return {
    giveUpAfterMs: state.settings.pollGiveUpMs,
    isHurried: () => isAborting(state),
    onTrouble(reason) {
      if (reason !== null && !told) log.append({ event: 'warning', message: `${work.id}: ${reason}; trying again` });
      told = true;
    },
  };
}

function attemptRequest({ state }: Pick<RunContext, 'state'>, work: ActiveWork): AttemptRequest {
  const { id: issueId, title: issueTitle, attempt, turn, resumption, agent, previous } = work;
  return { run: runRef(state), issueId, issueTitle, attempt, turn, resumption, agent, previous };
}

/** In events from the second turn on. */
function laterTurn({ turn }: ActiveWork): { turn?: number } {
  return turn === undefined ? {} : { turn };
}

function summary(project: string, id: string, what: string): Call {
  return { project, summary: `${id} · ${what}` };
}

/** `bd-12 · attempt 2 · turn 3 · claude` */
function attemptSummary(state: { project: string }, work: ActiveWork, what: string): Call {
  const turn = work.turn === undefined ? '' : ` · turn ${work.turn}`;
  return summary(state.project, work.id, `attempt ${work.attempt}${turn} · ${what}`);
}
