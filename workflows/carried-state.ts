import type { RunEvent } from '../src/contract/events.js';
import type { AgentResult } from '../src/contract/outcomes.js';
import type { UsageLimit } from '../src/contract/run.js';
import { NO_USAGE } from './decisions/budgets.js';
import { shortenReason } from './decisions/shorten-reason.js';
import { packIds, unpackIds } from './packed-ids.js';
import type { PackedIds } from './packed-ids.js';
import type { ActiveWork, CoordinatorState, RetryPlan } from './state.js';

/** What continue-as-new hands over: plain JSON, because a Map would arrive as `{}`. */
export interface CarriedState {
  state: Omit<CoordinatorState, Rebuilt | Newcomer | IdList> & Record<IdList, PackedIds | string[]> & EarlierState;
  active: ActiveWork[];
  retries: RetryPlan[];
  /** The execution that holds the older events. */
  previousRunId: string;
  /** The last event of that execution. */
  last?: RunEvent;
  /** Messages that were told already. */
  warned: string[];
}

/** What the next execution makes anew, or finds out. */
type Rebuilt = 'active' | 'retries' | 'through' | 'offered' | 'listed' | 'left' | 'polling' | 'asked';

type IdList = 'succeeded' | 'failed' | 'aborted' | 'refused' | 'stale';

type Newcomer = 'usageLimits' | 'unusable' | 'idleToldAtMs' | 'usage' | 'day' | 'budgetsTold' | 'brokenEdit';

/** Earlier versions lack some of it, and before limits of each kind they knew shell commands alone. */
interface EarlierState extends Partial<Pick<CoordinatorState, Newcomer>> {
  usageLimit?: Omit<UsageLimit, 'kind'> | null;
}

/** What is carried beside the state. */
export interface Told {
  previousRunId: string;
  last?: RunEvent;
  warned: Iterable<string>;
}

/** In bytes. Far below Temporal's 2 MB for a payload: every execution's history begins with it. */
const ROOM = 240_000;
/** The most characters of a text, each in its turn until all of them fit. Files and events have the whole. */
const TEXT_LENGTHS = [1_000, 300, 100, 30];

export function carryState(state: CoordinatorState, told: Told): CarriedState {
  let carried = toPlain(state, told);
  for (const length of TEXT_LENGTHS) {
    if (new TextEncoder().encode(JSON.stringify(carried)).length <= ROOM) break;
    carried = shortenTexts(carried, length);
  }
  return carried;
}

export function restoreState({ state, active, retries }: CarriedState): CoordinatorState {
  const { usageLimit, ...rest } = state;
  const lists = mapLists((name) => unpackIds(state[name]));
  return {
    usageLimits: usageLimit ? [{ kind: 'shell', ...usageLimit }] : [],
    unusable: null,
    idleToldAtMs: 0,
    usage: NO_USAGE,
    day: null,
    budgetsTold: [],
    brokenEdit: null,
    ...rest,
    ...lists,
    active: new Map(active.map((work) => [work.id, work])),
    retries: new Map(retries.map((retry) => [retry.id, retry])),
    through: new Set([...lists.succeeded, ...lists.failed, ...lists.aborted, ...lists.refused]),
    offered: null,
    listed: [],
    left: null,
    polling: null,
    asked: 0,
  };
}

function toPlain(state: CoordinatorState, { previousRunId, last, warned }: Told): CarriedState {
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
    state: { ...rest, ...mapLists((name) => packIds(state[name])) },
    active: [...active.values()],
    retries: [...retries.values()],
    previousRunId,
    last,
    warned: [...warned].slice(-100),
  };
}

/** Only what is there for people and prompts, never what decides. */
function shortenTexts(carried: CarriedState, length: number): CarriedState {
  const cut = (text: string) => text.slice(0, length);
  const cutIfThere = (text?: string) => text?.slice(0, length);
  const cutPrevious = (text?: string) => text && shortenReason(text, length);
  const details = carried.state.details.map((issue) => ({
    ...issue,
    title: cut(issue.title),
    reason: cut(issue.reason),
  }));
  const shortenResult = (result: AgentResult) => ({
    ...result,
    lastMessage: cutIfThere(result.lastMessage),
    output: result.output?.slice(-length),
  });
  return {
    ...carried,
    state: { ...carried.state, details },
    active: carried.active.map((work) => ({
      ...work,
      previous: cutPrevious(work.previous),
      ...(work.result && { result: shortenResult(work.result) }),
    })),
    retries: carried.retries.map((retry) => ({
      ...retry,
      previous: cutPrevious(retry.previous),
      reason: cut(retry.reason),
    })),
  };
}

function mapLists<T>(valueOf: (name: IdList) => T): Record<IdList, T> {
  return {
    succeeded: valueOf('succeeded'),
    failed: valueOf('failed'),
    aborted: valueOf('aborted'),
    refused: valueOf('refused'),
    stale: valueOf('stale'),
  };
}
