import { UserError } from '../errors.js';
import type { Config } from '../config/schema.js';
import type { AgentChoice } from '../contract/agents.js';
import type { Agent } from './agent.js';
import { createShellAgent } from './shell.js';

/** @throws UserError when the configuration lacks what the kind needs. */
export function createAgent({ kind }: AgentChoice, config: Config): Agent {
  switch (kind) {
    case 'shell':
      return createShellAgent(config.agent.command);
    case 'claude':
    case 'codex':
    case 'amp':
      throw new UserError(`agent ${kind} can't be run yet, allowed: shell`);
  }
}
