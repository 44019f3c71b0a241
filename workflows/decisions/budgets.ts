import type { Budget } from '../../src/contract/activities.js';
import type { Usage } from '../../src/contract/agents.js';
import type { BudgetMeter } from '../../src/contract/run.js';
import type { CoordinatorState } from '../state.js';

/** At this part of a budget it is told that it will be spent. */
const WARNING_PART = 0.8;

/** US dollars are added up in billionths, so that a sum is the same in whatever order its parts come. */
const PARTS = 1e9;

export const NO_USAGE: Readonly<Usage> = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, usd: null };

export function addUsage(a: Readonly<Usage>, b: Readonly<Usage>): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    usd: a.usd === null && b.usd === null ? null : addUsd(a.usd ?? 0, b.usd ?? 0),
  };
}

export function addUsd(a: number, b: number): number {
  return (Math.round(a * PARTS) + Math.round(b * PARTS)) / PARTS;
}

/** The budgets of the run and of the day, as far as they are set. */
export function metersOf({ settings, usage, day }: SpendingState, nowMs: number): BudgetMeter[] {
  const { budget } = settings;
  const today = day !== null && nowMs < Date.parse(day.endsAt) ? day.usd : 0;
  return [
    ...meterOf('run', 'usd', usage.usd ?? 0, budget?.runUsd),
    ...meterOf('run', 'tokens', tokensOf(usage), budget?.runTokens),
    ...meterOf('day', 'usd', today, budget?.dayUsd),
  ];
}

export function issueMetersOf(budget: Budget | undefined, usage: Readonly<Usage> = NO_USAGE): BudgetMeter[] {
  return [
    ...meterOf('issue', 'usd', usage.usd ?? 0, budget?.issueUsd),
    ...meterOf('issue', 'tokens', tokensOf(usage), budget?.issueTokens),
  ];
}

export type SpendingState = Pick<CoordinatorState, 'settings' | 'usage' | 'day'>;

/** Nothing starts: a budget of the run or of the day is spent, or none is left for any issue. Those that are spent. */
export function spentBudgets(state: SpendingState, nowMs: number): BudgetMeter[] {
  return [...metersOf(state, nowMs), ...issueMetersOf(state.settings.budget)].filter(isSpent);
}

export function isSpent({ spent, limit }: BudgetMeter): boolean {
  return spent >= limit;
}

export function isNearlySpent({ spent, limit }: BudgetMeter): boolean {
  return spent >= limit * WARNING_PART;
}

/** When what is spent is there again by itself: at the end of the day, if that is all. */
export function budgetsEndMs(state: SpendingState, nowMs: number): number | null {
  const spent = spentBudgets(state, nowMs);
  if (state.day === null || spent.some(({ scope }) => scope !== 'day')) return null;
  return Date.parse(state.day.endsAt);
}

/** What one more agent may cost, where a budget is to be kept to while it works. */
export function allowanceUsd(state: SpendingState, usage: Usage | undefined, nowMs: number): number | undefined {
  const { budget } = state.settings;
  if (!budget?.hard) return undefined;
  const inUsd = [...metersOf(state, nowMs), ...issueMetersOf(budget, usage)].filter(({ unit }) => unit === 'usd');
  return inUsd.length === 0 ? undefined : Math.min(...inUsd.map(({ spent, limit }) => addUsd(limit, -spent)));
}

/** `the budget of the run is spent: $10.02 of $10.00` */
export function describeSpent(meter: BudgetMeter): string {
  return `the budget of the ${meter.scope} is spent: ${describeMeter(meter)}`;
}

/** `$10.02 of $10.00`, `1200 of 1000 tokens` */
export function describeMeter({ unit, spent, limit }: BudgetMeter): string {
  return unit === 'usd' ? `$${spent.toFixed(2)} of $${limit.toFixed(2)}` : `${spent} of ${limit} tokens`;
}

function tokensOf({ inputTokens, outputTokens }: Readonly<Usage>): number {
  return inputTokens + outputTokens;
}

function meterOf(
  scope: BudgetMeter['scope'],
  unit: BudgetMeter['unit'],
  spent: number,
  limit: number | undefined,
): BudgetMeter[] {
  return limit === undefined ? [] : [{ scope, unit, spent, limit }];
}
