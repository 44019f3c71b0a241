import type { AgentChoice, AgentKind } from '../../src/contract/agents.js';
import type { CoordinatorState } from '../state.js';
import { spentBudgets } from './budgets.js';
import type { SpendingState } from './budgets.js';

/** Earlier versions knew no other kind, and said none. */
export function kindOf({ agent }: { agent?: AgentChoice }): AgentKind {
  return agent?.kind ?? 'shell';
}

/** While the usage limit of its kind lasts, no agent starts. */
export function isLimited(state: Pick<CoordinatorState, 'usageLimits'>, kind: AgentKind, nowMs: number): boolean {
  return limitedKinds(state, nowMs).includes(kind);
}

export function limitedKinds({ usageLimits }: Pick<CoordinatorState, 'usageLimits'>, nowMs: number): AgentKind[] {
  return usageLimits.filter(({ until }) => Date.parse(until) > nowMs).map(({ kind }) => kind);
}

/** Whatever an issue asks for, no agent may start: no need to look for one. */
export function isHeld(state: Pick<CoordinatorState, 'usageLimits'> & SpendingState, nowMs: number): boolean {
  if (isOutOfBudget(state, nowMs)) return true;
  const limited = limitedKinds(state, nowMs);
  const { agentKinds = ['shell'] } = state.settings;
  return agentKinds.every((kind) => limited.includes(kind));
}

export function isOutOfBudget(state: SpendingState, nowMs: number): boolean {
  return spentBudgets(state, nowMs).length > 0;
}

/** When the limit of this kind ends, or `nowMs`. */
export function limitEndMs({ usageLimits }: Pick<CoordinatorState, 'usageLimits'>, kind: AgentKind, nowMs: number) {
  const limit = usageLimits.find((each) => each.kind === kind);
  return Math.max(nowMs, limit === undefined ? nowMs : Date.parse(limit.until));
}
