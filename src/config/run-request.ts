import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors.js';
import type { RunFlags } from './flags.js';
import { type CompleteRunInput, type RunInput, runInputSchema } from './run-input.js';
import type { Config } from './schema.js';

/**
 * What to start the workflow with.
 *
 * @param config With the flags applied (`applyFlags`).
 * @param flags Tells which of the settings were given for this run alone: types and the agent's command are sent only
 * then, because what stands in WORKFLOW.md is read afresh during the run.
 * @param webUrl The Web UI's address, for the event `run_started`.
 */
export function toRunInput(
  project: { dir: string; configFile: string },
  config: Config,
  flags: RunFlags = {},
  webUrl?: string,
): CompleteRunInput {
  const { run, agent, tracker } = config;
  if (run.order === 'input' && run.only.length === 0) {
    throw new UserError(
      'order: found input without only, allowed: the ids as well (--only ID,ID or run.only), or another --order (run.order)',
    );
  }
  const input: RunInput = {
    project_dir: project.dir,
    ...(project.configFile !== join(project.dir, 'WORKFLOW.md') && { config_file: project.configFile }),
    ...(agent.max_concurrent_agents !== 'unlimited' && { max_agents: agent.max_concurrent_agents }),
    ...(flags.maxAgents === undefined && { follows_file: true }),
    ...(run.max_issues !== 'unlimited' && { max_issues: run.max_issues }),
    ...(run.epic !== undefined && { epic: run.epic }),
    only: run.only,
    order: run.order,
    wip_first: run.wip_first,
    orphans_only: run.orphans_only,
    ...(flags.types !== undefined && { types: tracker.types }),
    retry_failed: flags.retryFailed ?? false,
    watch: flags.watch ?? false,
    ...(flags.agent !== undefined && { agent_command: agent.command }),
    ...(webUrl !== undefined && { web_url: webUrl }),
  };
  return runInputSchema.parse(input);
}

/**
 * Which of the wanted options a run that is there already doesn't have, a line each: `--max-agents: wanted 8, the run has
 * 4`. Empty when it is the very run that was wanted.
 */
export function describeDifferences(existing: CompleteRunInput, wanted: CompleteRunInput): string[] {
  return OPTIONS.filter(([key]) => !isDeepStrictEqual(valueOf(existing, key), valueOf(wanted, key))).map(
    ([key, option]) =>
      `${option}: wanted ${showOption(key, valueOf(wanted, key))}, the run has ${showOption(key, valueOf(existing, key))}`,
  );
}

/** A run that follows WORKFLOW.md may have another number of agents by now than it began with. */
function valueOf(input: CompleteRunInput, key: keyof CompleteRunInput): CompleteRunInput[keyof CompleteRunInput] {
  return key === 'max_agents' && input.follows_file ? 'as in WORKFLOW.md' : input[key];
}

/** Every part of the input that changes what a run does; `web_url` is only shown, `follows_file` is about max_agents. */
const OPTIONS = [
  ['project_dir', 'project folder'],
  ['config_file', '--config'],
  ['max_agents', '--max-agents'],
  ['max_issues', '--max-issues'],
  ['epic', '--epic'],
  ['only', '--only'],
  ['order', '--order'],
  ['wip_first', '--wip-first'],
  ['orphans_only', '--orphans-only'],
  ['types', '--types'],
  ['retry_failed', '--retry-failed'],
  ['watch', '--watch'],
  ['agent_command', '--agent'],
] as const satisfies [keyof CompleteRunInput, string][];

function showOption(key: string, value: CompleteRunInput[keyof CompleteRunInput]): string {
  if (value === undefined) return key.startsWith('max_') ? 'unlimited' : 'none';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',');
  return String(value);
}
