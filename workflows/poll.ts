import type { READY_PAGE } from '../src/contract/run.js';
import type { FetchRequest, ReadyPage } from '../src/contract/activities.js';
import { call } from './activity-options.js';
import { isTaken } from './decisions/next-step.js';
import { persist } from './persistent-call.js';
import { runRef } from './run-context.js';
import type { RunContext } from './run-context.js';
import { excludedIds, takeOffer } from './transitions.js';

const READY_LIMIT: typeof READY_PAGE = 500;

/**
 * Asks the tracker what is ready, and sees in the same listing whether active issues were taken away. Rejects when that
 * has failed for too long.
 */
export async function pollTracker(run: RunContext): Promise<void> {
  for (;;) {
    const page = await fetchPage(run, { limit: READY_LIMIT, summary: 'what is ready' });
    // It listed what the run is through with, and cut the list: what it left out is asked for.
    if (takeOffer(run.state, page)) continue;
    const ids = run.state.offer?.untried ?? [];
    if (ids.length > 0) run.log.append({ event: 'ready_issues', ids });
    return;
  }
}

/** As a poll, when nothing could be started anyway. */
export async function watchTracker(run: RunContext): Promise<void> {
  await fetchPage(run, { limit: 0, summary: 'is anything taken away' });
}

async function fetchPage(run: RunContext, { limit, summary }: { limit: number; summary: string }): Promise<ReadyPage> {
  const { state } = run;
  const to = { project: state.project, summary, once: true };
  const page = await persist(() => call.fetchReadyIssues(to, requestOf(run, limit)), {
    giveUpAfterMs: state.settings.pollGiveUpMs,
    onTrouble: (reason) => tellTrouble(run, reason),
  });
  state.settings = page.settings;
  for (const message of page.warnings) run.warn(message);
  for (const { id, reason } of page.withdrawn) run.withdraw(id, reason);
  return page;
}

function requestOf({ state }: RunContext, limit: number): FetchRequest {
  const { epic, only, order, wip_first, orphans_only, types, retry_failed } = state.input;
  const watched = [...state.active.values()].filter(({ phase }) => phase === 'running' || phase === 'verifying');
  return {
    run: runRef(state),
    selection: { epic, only, order, wip_first, orphans_only, types, retry_failed },
    exclude: excludedIds(state),
    handled: only.filter((id) => isTaken(state, id)),
    limit,
    watch: watched.map(({ id }) => id),
  };
}

function tellTrouble({ state, log, wake }: RunContext, reason: string | null): void {
  if (reason !== null && state.pollTrouble === null) {
    log.append({ event: 'warning', message: `the tracker could not be read: ${reason}; trying again` });
  }
  state.pollTrouble = reason;
  wake();
}
