import type { Activities, ReadyPage } from '../src/contract/activities.js';
import { selectReady } from '../src/trackers/select-ready.js';
import { claimOf } from './claim-issue.js';
import { findWithdrawn } from './find-withdrawn.js';
import type { Projects } from './projects.js';

/** Reads the whole tracker, every time: a short list is never returned for a partial failure. */
export function createFetchReadyIssues(projects: Projects): Activities['fetchReadyIssues'] {
  return async function fetchReadyIssues({ run, selection, exclude, handled, limit, watch }): Promise<ReadyPage> {
    const { tracker, config, settings } = await projects.open(run);
    const listing = await tracker.list();
    const withdrawn = findWithdrawn(listing.issues, watch, claimOf(run));
    if (limit === 0) return { ids: [], more: false, withdrawn, warnings: [], settings };
    const { ready, warnings } = selectReady(listing, {
      epic: selection.epic,
      only: selection.only,
      order: selection.order,
      wipFirst: selection.wip_first,
      orphansOnly: selection.orphans_only,
      types: selection.types ?? config.tracker.types,
      requiredLabels: config.tracker.required_labels,
      activeStates: config.tracker.active_states,
      terminalStates: config.tracker.terminal_states,
      retryFailed: selection.retry_failed,
      exclude: new Set(exclude),
      alreadyHandled: new Set(handled),
      isOurs: (issue) => issue.claimedBy === run.runId || issue.assignee === claimOf(run).name,
    });
    const ids = ready.slice(0, limit).map((issue) => issue.id);
    return { ids, more: ready.length > ids.length, withdrawn, warnings, settings };
  };
}
