import type { Config } from '../config/schema.js';
import type { AgentChoice } from '../contract/agents.js';
import type { Agent } from './agent.js';
import { createAmpAgent } from './amp.js';
import { createClaudeAgent } from './claude.js';
import { createCodexAgent } from './codex.js';
import { createShellAgent } from './shell.js';

/** @throws UserError when the configuration lacks what the kind needs. */
export function createAgent(choice: AgentChoice, config: Config): Agent {
  switch (choice.kind) {
    case 'shell':
      return createShellAgent(config.agent.command);
    case 'claude':
      return createClaudeAgent(choice, config.claude);
    case 'codex':
      return createCodexAgent(choice, config.codex);
    case 'amp':
      return createAmpAgent(choice, config.amp);
  }
}
