import { AGENT_KINDS } from '../src/contract/agents.js';
import type { AgentKind } from '../src/contract/agents.js';
import type { Budget, RunSettings } from '../src/contract/activities.js';
import type { Config } from '../src/config/schema.js';

/** What the workflow needs to know of a project's configuration. */
export function toRunSettings(
  config: Config,
  { agentLabel, agentCommand }: { agentLabel: string; agentCommand: string | undefined },
): RunSettings {
  const { agent, polling, workspace, verify } = config;
  const maxAgents = agent.max_concurrent_agents;
  return {
    pollIntervalMs: polling.interval_ms,
    pollGiveUpMs: polling.give_up_after_ms,
    maxAgents: maxAgents === 'unlimited' ? null : maxAgents,
    maxAttempts: agent.max_attempts,
    maxTurns: agent.max_turns,
    maxRetryBackoffMs: agent.max_retry_backoff_ms,
    agentLabel,
    agentKinds: kindsOf(config, agentCommand),
    budget: toBudget(config.budget),
    verifies: workspace.kind === 'worktree' || verify.commands.length > 0,
  };
}

/** An issue's text may ask for any kind, unless one command is to do everything. */
function kindsOf({ agent }: Config, agentCommand: string | undefined): AgentKind[] {
  if (agentCommand !== undefined) return ['shell'];
  return AGENT_KINDS.filter((kind) => kind !== 'shell' || agent.command !== undefined);
}

function toBudget({ run_usd, issue_usd, day_usd, run_tokens, issue_tokens, hard }: Config['budget']): Budget {
  return {
    runUsd: run_usd,
    issueUsd: issue_usd,
    dayUsd: day_usd,
    runTokens: run_tokens,
    issueTokens: issue_tokens,
    hard,
  };
}
