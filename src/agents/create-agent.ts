import type { Config } from '../config/schema.js';
import type { Agent } from './agent.js';
import { createShellAgent } from './shell.js';

/** @throws UserError when the configuration lacks what the kind needs. */
export function createAgent(config: Config['agent']): Agent {
  switch (config.kind) {
    case 'shell':
      return createShellAgent(config.command);
  }
}
