import type { BrokenEdit, FetchRequest, ReadyPage } from '../src/contract/activities.js';
import type { READY_PAGE } from '../src/contract/run.js';
import { call } from './activity-options.js';
import { isOutOfBudget, limitedKinds } from './decisions/holds.js';
import { dueRetry, isTaken, mayStart, mayStartNew } from './decisions/next-step.js';
import { persist } from './persistent-call.js';
import { isAborting, now, runRef, unstoppable } from './run-context.js';
import type { RunContext } from './run-context.js';
import { noteDay } from './spending.js';
import { applySettings } from './state.js';
import { beginReturn, beginWork, endPoll, excludedIds, noteListed, noteStale, refuse } from './transitions.js';

const READY_LIMIT: typeof READY_PAGE = 500;

/** Takes as many as there are free slots. Rejects when that has failed for too long. */
export async function pollTracker(run: RunContext, take: number): Promise<void> {
  const page = await fetchPage(run, { take, offers: true, recovers: true }, 'what is ready');
  endPoll(run.state);
  run.state.offered = page.ids.length;
  receivePage(run, page);
}

/** As a poll, when nothing could be started anyway: sees only whether active issues were taken away. */
export async function watchTracker(run: RunContext): Promise<void> {
  const page = await fetchPage(run, { take: 0, offers: false, recovers: false }, 'is anything taken away');
  endPoll(run.state);
  receivePage(run, page, { offers: false });
}

/** What an issue that gives its slot back asks for: the next one. Undefined when the slot isn't to be taken by a new issue. */
export function requestNext(run: RunContext): FetchRequest | undefined {
  const { state } = run;
  const nowMs = Date.now();
  if (run.isEnding() || !mayStartNew(state, nowMs) || dueRetry(state, nowMs) !== undefined) return undefined;
  return toRequest(run, { take: 1, offers: true, recovers: false });
}

/** Whatever was claimed gets its agent, unless the run has come to start nothing more since it asked. */
export function receivePage(run: RunContext, page: ReadyPage, { offers = true } = {}): void {
  const { state, log } = run;
  applySettings(state, page.settings);
  noteDay(state, page.day, Date.now());
  tellBrokenEdit(run, page.brokenEdit);
  run.checkBudgets();
  for (const message of page.warnings) run.warn(message);
  for (const { id, reason } of page.withdrawn) run.withdraw(id, reason);
  if (offers) noteListed(state, page);
  noteStale(state, page.stale);
  if (page.ids.length > 0 && !isOutOfBudget(state, Date.now())) log.append({ event: 'ready_issues', ids: page.ids });
  for (const { id, reason } of page.refused.filter((refusal) => !isTaken(state, refusal.id))) {
    refuse(state, id);
    log.append({ event: 'claim_refused', id, reason });
  }
  for (const issue of page.taken.filter(({ id }) => !isTaken(state, id))) {
    const starts = mayStart(state, issue, Date.now());
    run.goOn(starts ? beginWork(state, issue, now()) : beginReturn(state, issue, now()));
  }
}

async function fetchPage(run: RunContext, what: Wish, summary: string): Promise<ReadyPage> {
  const { state } = run;
  const to = { project: state.project, summary, once: true };
  // A call that claims must be heard out: an abort in the middle would leave what it claimed to nobody.
  return persist(() => unstoppable(() => call.fetchReadyIssues(to, toRequest(run, what))), {
    giveUpAfterMs: state.settings.pollGiveUpMs,
    isOver: () => isAborting(state),
    isHurried: () => isAborting(state),
    onTrouble: (reason) => tellTrouble(run, reason),
  });
}

/** Once for each edit that can't be used, and once when it was mended. */
function tellBrokenEdit({ state, log }: RunContext, broken: BrokenEdit | undefined): void {
  const version = broken?.version ?? null;
  if (version === state.brokenEdit) return;
  state.brokenEdit = version;
  const message =
    broken === undefined
      ? 'WORKFLOW.md can be used again, and applies to what starts from now on'
      : `${broken.message}; going on with WORKFLOW.md as it was before`;
  log.append({ event: 'warning', message });
}

type Wish = Pick<FetchRequest, 'take' | 'offers' | 'recovers'>;

function toRequest({ state }: RunContext, wish: Wish): FetchRequest {
  const { epic, only, order, wip_first, orphans_only, types, retry_failed } = state.input;
  const atWork = [...state.active.values()].filter(({ phase }) => phase === 'running' || phase === 'verifying');
  return {
    run: runRef(state),
    selection: { epic, only, order, wip_first, orphans_only, types, retry_failed },
    exclude: excludedIds(state),
    handled: only.filter((id) => isTaken(state, id)),
    limit: READY_LIMIT,
    limited: limitedKinds(state, Date.now()),
    ...wish,
    watch: [...atWork.map(({ id }) => id), ...state.retries.keys()],
  };
}

function tellTrouble({ state, log, wake }: RunContext, reason: string | null): void {
  if (reason !== null && state.pollTrouble === null) {
    log.append({ event: 'warning', message: `the tracker could not be read: ${reason}; trying again` });
  }
  state.pollTrouble = reason;
  wake();
}
