import type { UsageLimit } from '../src/contract/run.js';
import type { ActiveWork, CoordinatorState, RetryPlan } from './state.js';

/** What continue-as-new hands over: plain JSON, because a Map would arrive as `{}`. */
export interface CarriedState {
  state: Omit<CoordinatorState, Rebuilt> & EarlierState;
  active: ActiveWork[];
  retries: RetryPlan[];
  /** The execution that holds the older events. */
  previousRunId: string;
  /** Messages that were told already. */
  warned: string[];
}

/** What the next execution makes anew, or finds out. */
type Rebuilt = 'active' | 'retries' | 'through' | 'offered' | 'listed' | 'left' | 'polling' | 'asked';

/** As versions before limits of each kind had it: they knew shell commands alone. */
interface EarlierState {
  usageLimit?: Omit<UsageLimit, 'kind'> | null;
}

export function carryState(state: CoordinatorState, previousRunId: string, warned: Iterable<string>): CarriedState {
  const {
    active,
    retries,
    through: _through,
    offered: _offered,
    listed: _listed,
    left: _left,
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
  const { usageLimit, ...rest } = state;
  const limits: UsageLimit[] = usageLimit ? [{ kind: 'shell', ...usageLimit }] : [];
  return {
    ...rest,
    usageLimits: state.usageLimits ?? limits,
    unusable: state.unusable ?? null,
    active: new Map(active.map((work) => [work.id, work])),
    retries: new Map(retries.map((retry) => [retry.id, retry])),
    through: new Set([...state.succeeded, ...state.failed, ...state.aborted, ...state.refused]),
    offered: null,
    listed: [],
    left: null,
    polling: null,
    asked: 0,
  };
}
