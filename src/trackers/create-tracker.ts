import { z } from 'zod';
import type { Config } from '../config/schema.js';
import { UserError } from '../errors.js';
import { createBeadsJsonlTracker } from './beads-jsonl.js';
import { createBeadsTracker } from './beads.js';
import { chooseTracker } from './choose-tracker.js';
import { findGitHub } from './find-github.js';
import { createGitHubTracker } from './github-tracker.js';
import type { Tracker } from './tracker.js';

/**
 * The tracker that the configuration asks for, or that the project has. Keep one for each project and process.
 *
 * @param tell Told a line for a person while something holds a call up. Without it the next listing warns of that.
 * @throws TrackerError when there is none; UserError when tracker.provider isn't what that tracker takes, or a token is missing
 */
export async function createTracker(
  projectDir: string,
  config: Config['tracker'],
  tell?: (line: string) => void,
): Promise<Tracker> {
  const states = { activeStates: config.active_states, terminalStates: config.terminal_states };
  const { kind } = await chooseTracker(projectDir, config);
  switch (kind) {
    case 'beads':
      return createBeadsTracker({ projectDir, ...readProvider(beadsProvider, config), ...states });
    case 'beads-jsonl':
      return createBeadsJsonlTracker({ projectDir, path: config.path, ...states });
    case 'github':
      return createGitHubTracker({ ...(await findGitHub(projectDir, config)), ...states, tell });
  }
}

const beadsProvider = z.strictObject({ command: z.string().trim().min(1).optional() });

function readProvider<T>(schema: z.ZodType<T>, { provider }: Config['tracker']): T {
  const { data, error } = schema.safeParse(provider ?? {});
  if (error) throw new UserError(`tracker.provider: ${z.prettifyError(error).replaceAll(/\s+/g, ' ')}`);
  return data;
}
