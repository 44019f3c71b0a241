import type { ActiveWork, CoordinatorState, RetryPlan } from './state.js';

/** What continue-as-new hands over: plain JSON, because a Map would arrive as `{}`. */
export interface CarriedState {
  state: Omit<CoordinatorState, 'active' | 'retries' | 'through' | 'offered' | 'listed' | 'polling' | 'asked'>;
  active: ActiveWork[];
  retries: RetryPlan[];
  /** The execution that holds the older events. */
  previousRunId: string;
  /** Messages that were told already. */
  warned: string[];
}

export function carryState(state: CoordinatorState, previousRunId: string, warned: Iterable<string>): CarriedState {
  const {
    active,
    retries,
    through: _through,
    offered: _offered,
    listed: _listed,
    polling: _polling,
    asked: _asked,
    ...rest
  } = state;
  return {
    state: rest,
    active: [...active.values()],
    retries: [...retries.values()],
    previousRunId,
    warned: [...warned].slice(-100),
  };
}

export function restoreState({ state, active, retries }: CarriedState): CoordinatorState {
  return {
    ...state,
    active: new Map(active.map((work) => [work.id, work])),
    retries: new Map(retries.map((retry) => [retry.id, retry])),
    through: new Set([...state.succeeded, ...state.failed, ...state.aborted, ...state.refused]),
    offered: null,
    listed: [],
    polling: null,
    asked: 0,
  };
}
