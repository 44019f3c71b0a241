import { selectReady } from '../trackers/select-ready.js';
import type { StartOptions } from './options.js';
import { checkWantedRun, type WantedRun } from './open-run.js';
import type { Shell } from './shell.js';
import { toPlainLine } from './views/terminal-text.js';

/** Prints what a run would start now, in order. */
export async function printDryRun(wanted: WantedRun, options: StartOptions, shell: Shell): Promise<void> {
  const { out, err, colors } = shell;
  const { project } = wanted;
  const listing = await checkWantedRun(wanted, shell);
  const { tracker, run, agent } = project.config;
  const { ready, warnings } = selectReady(listing, {
    epic: run.epic,
    only: run.only,
    order: run.order,
    wipFirst: run.wip_first,
    orphansOnly: run.orphans_only,
    types: tracker.types,
    requiredLabels: tracker.required_labels,
    activeStates: tracker.active_states,
    terminalStates: tracker.terminal_states,
    retryFailed: options.retryFailed ?? false,
    exclude: new Set(),
    alreadyHandled: new Set(),
  });
  for (const warning of warnings) err(`garland: warning: ${warning}`);
  const limit = run.max_issues === 'unlimited' ? ready.length : Math.min(run.max_issues, ready.length);
  if (options.json) {
    const issues = ready.map(({ id, title, priority, type }) => ({ id, title, priority, type }));
    out(
      JSON.stringify({ project: project.name, ready: issues, maxAgents: agent.max_concurrent_agents, starts: limit }),
    );
    return;
  }
  if (ready.length === 0) return out('Nothing is ready.');
  const agents =
    agent.max_concurrent_agents === 'unlimited'
      ? 'no limit of agents'
      : `${agent.max_concurrent_agents} agents at a time`;
  out(`${ready.length} ready in ${project.name}, ${agents}, in this order (nothing was started):`);
  const width = Math.max(...ready.map(({ id }) => id.length));
  for (const [at, { id, title, priority, type }] of ready.entries()) {
    if (at === limit) out(colors.dim(`--- the limit of ${limit} issues ends here`));
    out(`${id.padEnd(width)}  P${priority} ${type.padEnd(7)}  ${toPlainLine(title)}`);
  }
}
