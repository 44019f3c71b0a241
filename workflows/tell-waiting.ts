import { spentBudgets } from './decisions/budgets.js';
import type { RunContext } from './run-context.js';

/** How often a run that has nothing to do says that it is alive. Milliseconds. */
const IDLE_INTERVAL_MS = 300_000;

/** Says what the run waits for: agents, once for each number of them; a budget, or an issue to come, every few minutes. */
export function tellWaiting({ state, log }: RunContext): void {
  const count = state.active.size;
  const nowMs = Date.now();
  const isQuiet = nowMs - state.idleToldAtMs < IDLE_INTERVAL_MS;
  const [spent] = spentBudgets(state, nowMs);
  if (count > 0) {
    const { last } = log;
    if (last?.event !== 'waiting_for_agents' || last.count !== count)
      log.append({ event: 'waiting_for_agents', count });
  } else if (!isQuiet && spent !== undefined) {
    state.idleToldAtMs = nowMs;
    log.append({ event: 'waiting_for_budget', ...spent });
  } else if (!isQuiet && state.retries.size === 0) {
    state.idleToldAtMs = nowMs;
    log.append({ event: 'idle', pollEveryMs: state.settings.pollIntervalMs });
  }
}
