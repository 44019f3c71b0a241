import type { Budget, Day, ReadyPage, RunSettings } from '../../src/contract/activities.js';
import type { AgentKind } from '../../src/contract/agents.js';
import type { AgentOutcome, AgentMarker, AgentResult, RejectionKind, Verdict } from '../../src/contract/outcomes.js';
import { carryState, restoreState } from '../../workflows/carried-state.js';
import type { CarriedState } from '../../workflows/carried-state.js';
import { describeSpent, spentBudgets } from '../../workflows/decisions/budgets.js';
import { isLimited, kindOf, limitedKinds } from '../../workflows/decisions/holds.js';
import { dueRetry, isTaken, mayStart, mayStartNew, nextStep } from '../../workflows/decisions/next-step.js';
import { isWorthVerifying } from '../../workflows/decisions/settle-attempt.js';
import { settleWork } from '../../workflows/settle-work.js';
import { beginSpending, noteDay, noteUsage, tellBudgets, tellIssueBudgets } from '../../workflows/spending.js';
import { applyPrepared, applySettings, initialState } from '../../workflows/state.js';
import type { ActiveWork, CoordinatorState, Ending } from '../../workflows/state.js';
import {
  beginGiveUp,
  beginPoll,
  beginRelease,
  beginRetry,
  beginReturn,
  beginWork,
  dropReturned,
  endPoll,
  excludedIds,
  finish,
  noteListed,
  noteStale,
  refuse,
} from '../../workflows/transitions.js';

/** What an issue does in the simulated world, agent by agent; the last entry repeats, but for its usage limit. */
export interface Script {
  id: string;
  claim: 'ok' | 'refused' | 'unfit';
  kind: AgentKind;
  agents: Process[];
  /** The tracker goes on listing it after it is closed. */
  stale: boolean;
  /** Ready once so many others are closed. */
  after: number;
}

/** One process of an agent: of a new attempt, a further turn, or one that goes on after a usage limit. */
export interface Process {
  outcome: AgentOutcome;
  verdict: 'accepted' | Exclude<RejectionKind, 'aborted'>;
  marker?: AgentMarker;
  resumable: boolean;
  /** What it uses: thousandths of a US dollar, and as many tokens. Null: it tells nothing. */
  mils: number | null;
  unusable: boolean;
}

export interface Scenario {
  scripts: Script[];
  maxAgents: number;
  maxIssues: number | undefined;
  maxAttempts: number;
  maxTurns: number;
  /** In thousandths of a US dollar, and in tokens. Doubled when nothing else happens any more. */
  budget: { run?: number; issue?: number; day?: number; tokens?: number; hard: boolean };
  /** Picks which pending thing happens next: numbers from 0 to 1, used in a circle. */
  choices: number[];
  /** The abort comes before this many-th happening; undefined: never. */
  abortAt: number | undefined;
  drainAt: number | undefined;
  /** After which happenings the history is long. */
  renewAt: number[];
  /** A poll is given up at this many-th poll. */
  pollFailsAt: number | undefined;
}

export interface Trace {
  ending: Ending;
  state: CoordinatorState;
  /** For every moment: how many agents ran. */
  mostAgents: number;
  twiceAtOnce: string[];
  agentsStarted: {
    id: string;
    afterStop: boolean;
    attempt: number;
    turn: number;
    folder: string;
    overspent: string[];
  }[];
  /** Of all that agents have told, in thousandths of a US dollar. */
  mils: number;
  told: string[];
  finals: Map<string, string[]>;
  polls: number;
  happenings: number;
}

/**
 * The coordinator's pure decisions in a world that answers by script, without Temporal and without waiting. `onTurn` sees every
 * state that it gets into.
 */
export function simulateRun(scenario: Scenario, onTurn: (state: CoordinatorState) => void = () => {}): Trace {
  let state = initialState('p', 'run-1', new Date(0).toISOString());
  const settings = {
    ...state.settings,
    maxAttempts: scenario.maxAttempts,
    maxTurns: scenario.maxTurns,
    agentKinds: ['shell' as const, 'claude' as const, 'codex' as const],
    budget: budgetOf(scenario, 1),
    maxRetryBackoffMs: 300_000,
    pollIntervalMs: 1000,
  };
  const input = { ...state.input, max_agents: scenario.maxAgents, max_issues: scenario.maxIssues };
  const prepared = {
    input,
    settings: { ...settings, pollGiveUpMs: 1 },
    day: dayAt(0),
    spentTodayUsd: 0,
    integration: null,
    warnings: [],
  };
  applyPrepared(state, prepared);
  beginSpending(state, prepared);
  const world = new World(scenario, state);
  let stopping = false;
  for (let turn = 0; turn < 20_000; turn += 1) {
    onTurn(state);
    const watchesWaiting = state.retries.size > 0;
    const step = nextStep(state, { nowMs: world.now, stopping, renew: world.wantsRenewal(), watchesWaiting });
    switch (step.do) {
      case 'end':
        return world.trace(step.ending);
      case 'stop_all':
        stopping = true;
        break;
      case 'skip_poll':
        state.offered = 0;
        break;
      case 'poll':
        beginPoll(state, step.take, world.now);
        world.pollBegins(step.take);
        break;
      case 'watch':
        beginPoll(state, 0, world.now);
        world.watchBegins();
        break;
      case 'continue_as_new':
        state = restoreState(
          JSON.parse(JSON.stringify(carryState(state, { previousRunId: 'run', warned: [] }))) as CarriedState,
        );
        world.goesOnWith(state);
        break;
      case 'retry':
        world.begins(beginRetry(state, step.id, ''));
        break;
      case 'give_up':
        world.begins(beginGiveUp(state, step.id, step.reason, ''));
        break;
      case 'release':
        world.begins(beginRelease(state, step.id, ''));
        break;
      case 'wait':
        world.letSomethingHappen(step.untilMs);
        if (step.for === 'agents') state.offered = null;
        break;
    }
  }
  throw new Error('the run does not end');
}

const DAY_MS = 300_000;

function dayAt(ms: number): Day {
  const number = Math.floor(ms / DAY_MS);
  return { date: String(number).padStart(6, '0'), endsAt: new Date((number + 1) * DAY_MS).toISOString() };
}

function budgetOf({ budget: { run, issue, day, tokens, hard } }: Scenario, raised: number): Budget {
  const usd = (mils: number | undefined) => (mils === undefined ? undefined : (mils * raised) / 1000);
  const runTokens = tokens === undefined ? undefined : tokens * raised;
  return { runUsd: usd(run), issueUsd: usd(issue), dayUsd: usd(day), runTokens, hard };
}

class World {
  now = 0;
  private pending: { what: string; happens: () => void }[] = [];
  private renewals = 0;
  private readonly processes = new Map<string, number>();
  private readonly mils = { run: 0, issues: new Map<string, number>(), days: new Map<string, number>() };
  private readonly told: string[] = [];
  private readonly atWork = new Set<ActiveWork>();
  private raised = 1;
  private idle = 0;
  private happenings = 0;
  private polls = 0;
  private mostAgents = 0;
  private readonly running = new Set<string>();
  private readonly worked = new Set<string>();
  private readonly twiceAtOnce: string[] = [];
  private readonly agentsStarted: Trace['agentsStarted'] = [];
  private readonly finals = new Map<string, string[]>();
  private readonly scripts: Map<string, Script>;

  constructor(
    private readonly scenario: Scenario,
    private state: CoordinatorState,
  ) {
    this.scripts = new Map(scenario.scripts.map((script) => [script.id, script]));
  }

  pollBegins(take: number): void {
    this.polls += 1;
    const limited = limitedKinds(this.state, this.now);
    this.expect('poll', () => {
      const { state } = this;
      const page = this.listReady(take, limited);
      const fails = this.polls === this.scenario.pollFailsAt;
      endPoll(state);
      if (fails) state.pollFailure = 'unreadable';
      else state.offered = page.ids.length;
      if (!fails) this.receive(page);
    });
  }

  private listReady(take: number, limited: AgentKind[]): ReadyPage {
    const { state, scenario } = this;
    const excluded = new Set(excludedIds(state));
    const closed = state.succeeded.length;
    const listed = scenario.scripts.filter(
      ({ id, after, stale }) => !excluded.has(id) && after <= closed && (stale || !state.succeeded.includes(id)),
    );
    const fresh = listed.filter(({ id }) => !this.worked.has(id));
    const isHeld = ({ kind, claim }: Script) => claim !== 'unfit' && limited.includes(kind);
    const page: ReadyPage = {
      ids: fresh.filter((script) => !isHeld(script)).map(({ id }) => id),
      held: fresh.filter(isHeld).map(({ id }) => id),
      stale: listed.filter(({ id }) => this.worked.has(id)).map(({ id }) => id),
      taken: [],
      refused: [],
      withdrawn: [],
      warnings: [],
      settings: this.settings,
      day: dayAt(this.now),
    };
    for (const id of page.ids) {
      if (page.taken.length >= take) break;
      const { claim, kind } = this.script(id);
      if (claim === 'refused') page.refused.push({ id, reason: 'taken' });
      else if (claim === 'unfit') page.taken.push({ id, title: '', workspace: '', unfit: 'no such kind' });
      else page.taken.push({ id, title: '', workspace: '', agent: { kind } });
    }
    return page;
  }

  /** As WORKFLOW.md is now. */
  private get settings(): RunSettings {
    return { ...this.state.settings, budget: budgetOf(this.scenario, this.raised) };
  }

  private receive(page: ReadyPage): void {
    const { state } = this;
    applySettings(state, page.settings);
    noteDay(state, page.day, this.now);
    this.checkBudgets();
    noteListed(state, page);
    noteStale(state, page.stale);
    for (const { id } of page.refused) if (!isTaken(state, id)) refuse(state, id);
    for (const issue of page.taken.filter(({ id }) => !isTaken(state, id))) {
      const starts = mayStart(state, issue, this.now);
      this.begins(starts ? beginWork(state, issue, '') : beginReturn(state, issue, ''));
    }
  }

  /** Looking at what is active, without a poll. */
  watchBegins(): void {
    this.expect('poll', () => {
      endPoll(this.state);
      applySettings(this.state, this.settings);
      noteDay(this.state, dayAt(this.now), this.now);
      this.checkBudgets();
    });
  }

  /** The history gets long at certain happenings. */
  wantsRenewal(): boolean {
    return this.scenario.renewAt.includes(this.happenings) && this.renewals < this.happenings;
  }

  /** As continue-as-new: agents run on, everything else must have come to rest. */
  goesOnWith(state: CoordinatorState): void {
    this.renewals = this.happenings;
    const restless = this.pending.filter(({ what }) => what !== 'agent');
    if (restless.length > 0) throw new Error(`continued as new with ${restless[0]?.what} under way`);
    this.state = state;
    this.pending = [];
    for (const work of state.active.values()) this.expect('agent', () => this.agentEnds(work));
  }

  private expect(what: string, happens: () => void): void {
    this.pending.push({ what, happens });
  }

  begins(work: ActiveWork): void {
    if (work.phase === 'running') return this.agentStarts(work);
    this.finalizeBegins(work);
  }

  private spend(work: ActiveWork, mils: number | null): void {
    const { state, now } = this;
    if (mils !== null) {
      const { issues, days } = this.mils;
      const { date } = dayAt(now);
      this.mils.run += mils;
      issues.set(work.id, (issues.get(work.id) ?? 0) + mils);
      days.set(date, (days.get(date) ?? 0) + mils);
      noteUsage(state, work, { inputTokens: mils, cachedInputTokens: 0, outputTokens: 0, usd: mils / 1000 }, now);
      for (const event of tellIssueBudgets(state, work)) this.told.push(JSON.stringify(event));
    }
    this.checkBudgets();
  }

  private checkBudgets(): void {
    const { state, now } = this;
    for (const event of tellBudgets(state, now)) this.told.push(`${dayAt(now).date} ${JSON.stringify(event)}`);
    const [spent] = spentBudgets(state, now);
    if (spent && state.settings.budget?.hard) for (const work of this.atWork) work.halted ??= describeSpent(spent);
  }

  /** Which budgets are spent, counted apart from the run's own count. */
  private findOverspent(id: string): string[] {
    const { run, issues, days } = this.mils;
    const { runUsd, issueUsd, dayUsd, runTokens } = this.state.settings.budget ?? { hard: false };
    const spent = [
      ['run', run / 1000, runUsd],
      ['issue', (issues.get(id) ?? 0) / 1000, issueUsd],
      ['day', (days.get(dayAt(this.now).date) ?? 0) / 1000, dayUsd],
      ['tokens', run, runTokens],
    ] as const;
    return spent.flatMap(([scope, usd, limit]) => (limit !== undefined && usd >= limit ? [scope] : []));
  }

  private finalizeBegins(work: ActiveWork): void {
    const { state } = this;
    const asks =
      state.abortReason === null &&
      mayStartNew(state, this.now) &&
      dueRetry(state, this.now) === undefined &&
      !work.unstarted;
    if (asks) state.asked += 1;
    const limited = asks ? limitedKinds(state, this.now) : undefined;
    this.expect('finalize', () => this.finalizes(work, limited));
  }

  letSomethingHappen(untilMs: number | null): void {
    this.happenings += 1;
    const { abortAt, drainAt, choices } = this.scenario;
    if (this.happenings === abortAt) return void (this.state.abortReason = 'asked');
    if (this.happenings === drainAt) return void (this.state.draining = true);
    const choice = choices[this.happenings % choices.length] ?? 0;
    const index = Math.min(Math.floor(choice * this.pending.length), this.pending.length - 1);
    const [happening] = index < 0 ? [] : this.pending.splice(index, 1);
    this.idle = happening === undefined || happening.what === 'poll' ? this.idle + 1 : 0;
    if (this.idle > 20) this.raised *= 2;
    if (happening) return happening.happens();
    if (untilMs === null) throw new Error('waits for nothing, for ever');
    this.now = Math.max(this.now + 1, untilMs);
  }

  trace(ending: Ending): Trace {
    const { state, mostAgents, twiceAtOnce, agentsStarted, finals, polls, happenings, told } = this;
    const { run: mils } = this.mils;
    return { ending, state, mostAgents, twiceAtOnce, agentsStarted, finals, polls, happenings, mils, told };
  }

  private script(id: string): Script {
    const script = this.scripts.get(id);
    if (script === undefined) throw new Error(`no such issue: ${id}`);
    return script;
  }

  private agentStarts(work: ActiveWork): void {
    if (this.running.has(work.id)) this.twiceAtOnce.push(work.id);
    this.running.add(work.id);
    this.worked.add(work.id);
    this.mostAgents = Math.max(this.mostAgents, this.running.size);
    const { state, now } = this;
    const { id, attempt, turn = 1, resumption } = work;
    const afterStop = state.abortReason !== null || state.unusable !== null || isLimited(state, kindOf(work), now);
    const folder = `${id}/${attempt}-${resumption}`;
    this.agentsStarted.push({ id, attempt, turn, afterStop, folder, overspent: this.findOverspent(id) });
    this.atWork.add(work);
    this.expect('agent', () => this.agentEnds(work));
  }

  private agentEnds(work: ActiveWork): void {
    const { state } = this;
    const { agents } = this.script(work.id);
    const before = this.processes.get(work.id) ?? 0;
    this.processes.set(work.id, before + 1);
    const script = agents[Math.min(before, agents.length - 1)];
    if (script === undefined) throw new Error(`${work.id} has no script`);
    this.running.delete(work.id);
    this.atWork.delete(work);
    const aborting = state.abortReason !== null;
    const repeats = before >= agents.length;
    const said = script.outcome === 'limited' && repeats ? 'succeeded' : script.outcome;
    const outcome = aborting || work.halted !== undefined ? 'aborted' : said;
    const result: AgentResult = {
      outcome,
      reason: 'why',
      startedAt: '',
      endedAt: '',
      seconds: 1,
      directory: '',
      marker: script.marker,
      resumable: script.resumable,
      unusable: outcome === 'failed' && script.unusable,
      limitedUntil: new Date(this.now + 90_000).toISOString(),
    };
    this.spend(work, script.mils);
    const verdict: Verdict | undefined =
      !isWorthVerifying(result) || aborting
        ? undefined
        : script.verdict === 'accepted'
          ? { accepted: true, landing: 'landed', reason: 'landed' }
          : { accepted: false, kind: script.verdict, reason: 'no' };
    work.result = result;
    work.verdict = verdict;
    settleWork(state, work, {
      result,
      stopped: aborting ? 'aborted' : null,
      nowMs: this.now,
      patched: () => true,
    });
    if (work.phase === 'running') this.agentStarts(work);
    if (work.phase === 'finalizing') this.finalizeBegins(work);
  }

  /** `limited`: the next issue was asked for, and so much was known then. */
  private finalizes(work: ActiveWork, limited: AgentKind[] | undefined): void {
    const { state } = this;
    const { settlement, id } = work;
    if (settlement === undefined) throw new Error(`${id} was not settled`);
    if (limited) state.asked -= 1;
    if (work.unstarted) return dropReturned(state, id);
    const outcome = { close: 'succeeded', fail: 'failed', release: 'aborted' } as const;
    const final = outcome[settlement.kind];
    this.finals.set(id, [...(this.finals.get(id) ?? []), final]);
    const page = limited ? this.listReady(1, limited) : undefined;
    finish(state, { id, title: '', outcome: final, reason: settlement.reason, attempts: work.attempt });
    if (page) this.receive(page);
  }
}
