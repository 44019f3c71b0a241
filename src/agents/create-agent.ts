import { UserError } from '../errors.js';
import type { Config } from '../config/schema.js';
import type { Agent } from './agent.js';
import { createShellAgent } from './shell.js';

/** @throws UserError when the configuration lacks what the kind needs. */
export function createAgent(config: Config['agent']): Agent {
  const { kind = 'shell' } = config;
  switch (kind) {
    case 'shell':
      return createShellAgent(config.command);
    case 'claude':
    case 'codex':
    case 'amp':
      throw new UserError(`agent.kind: ${kind} can't be run yet, allowed: shell`);
  }
}
