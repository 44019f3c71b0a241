import type { AgentKind } from '../contract/agents.js';
import type { Config } from './schema.js';

/**
 * Which program works where nothing else is said: `agent.kind`, else `shell` where there is a command, else `codex` where
 * the file has a section for it, as Symphony's files do. Undefined: nothing says so, and no agent can be started.
 */
export function resolveAgentKind(agent: Config['agent'], front: Record<string, unknown>): AgentKind | undefined {
  if (agent.kind !== undefined) return agent.kind;
  if (agent.command !== undefined) return 'shell';
  return 'codex' in front ? 'codex' : undefined;
}
