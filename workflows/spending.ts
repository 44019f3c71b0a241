import type { Day, PreparedRun } from '../src/contract/activities.js';
import type { Usage } from '../src/contract/agents.js';
import type { RunEventBody } from '../src/contract/events.js';
import type { BudgetMeter } from '../src/contract/run.js';
import { addUsage, addUsd, isNearlySpent, isSpent, issueMetersOf, metersOf, NO_USAGE } from './decisions/budgets.js';
import type { ActiveWork, CoordinatorState } from './state.js';

const DAY_MS = 86_400_000;

/** What an agent has used counts for its issue, for the run, and for the day on which it was reported. */
export function noteUsage(state: CoordinatorState, work: ActiveWork, usage: Usage, nowMs: number): void {
  work.usage = addUsage(work.usage ?? NO_USAGE, usage);
  state.usage = addUsage(state.usage, usage);
  endDay(state, nowMs);
  if (state.day !== null) state.day.usd = addUsd(state.day.usd, usage.usd ?? 0);
}

/** What runs before this one have spent today. */
export function beginSpending(state: CoordinatorState, { day, spentTodayUsd = 0 }: PreparedRun): void {
  if (day !== undefined) state.day = { ...day, usd: addUsd(spentTodayUsd, 0) };
}

/** The day by the worker's clock. Never an earlier one than before, whatever clock the next worker has. */
export function noteDay(state: CoordinatorState, today: Day | undefined, nowMs: number): void {
  if (today === undefined) return;
  endDay(state, nowMs);
  const { day } = state;
  if (day === null || (day.date !== null && day.date < today.date)) state.day = { ...today, usd: 0 };
  // The same day, or the one that had begun without a name.
  else if (day.date === null || day.date === today.date) state.day = { ...today, usd: day.usd };
}

/** The next one has no name before a worker tells it. It ends a day later, unless it has another length. */
function endDay(state: CoordinatorState, nowMs: number): void {
  const { day } = state;
  if (day === null || nowMs < Date.parse(day.endsAt)) return;
  const endsAt = new Date(Math.max(Date.parse(day.endsAt), nowMs - 1) + DAY_MS).toISOString();
  state.day = { date: null, endsAt, usd: 0 };
}

/** What is to be told of the budgets: each once at 80% and once at 100%, and again when it was set anew. */
export function tellBudgets(state: CoordinatorState, nowMs: number): RunEventBody[] {
  const date = state.day?.endsAt ?? '';
  return metersOf(state, nowMs).flatMap((meter) => tell(meter, state.budgetsTold, meter.scope === 'day' ? date : ''));
}

/** The same for the budget of an issue. */
export function tellIssueBudgets(state: CoordinatorState, work: ActiveWork): RunEventBody[] {
  work.budgetsTold ??= [];
  const { id, budgetsTold } = work;
  return issueMetersOf(state.settings.budget, work.usage).flatMap((meter) => tell(meter, budgetsTold, '', id));
}

function tell(meter: BudgetMeter, told: string[], when: string, id?: string): RunEventBody[] {
  if (!isNearlySpent(meter)) return [];
  const event = isSpent(meter) ? 'budget_reached' : 'budget_warning';
  const { scope, unit, limit } = meter;
  const key = [event, scope, unit, limit, when].join(' ');
  if (told.includes(key)) return [];
  told.push(key);
  return [id === undefined ? { event, ...meter } : { event, id, ...meter }];
}
