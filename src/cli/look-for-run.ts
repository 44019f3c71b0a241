import { stat } from 'node:fs/promises';
import { runsFolder } from '../agents/attempt-folder.js';
import { UserError } from '../errors.js';
import type { RunDescription } from '../temporal/run-handle.js';
import { connect, type Connected } from './connect.js';
import { isServerMissing } from './is-server-missing.js';
import type { Shell } from './shell.js';

/**
 * Asks the server whether a run of the folder's project goes on. Undefined: there is no server to ask yet. garland's own is
 * started for that only where a run has been before.
 */
export async function lookForRun(
  { name, dir }: { name: string; dir: string },
  shell: Shell,
): Promise<{ connected: Connected; goesOn: RunDescription | undefined } | undefined> {
  const start = await hasRunBefore(dir);
  if (!start && (await isServerMissing(shell))) return undefined;
  try {
    const connected = await connect(shell, { start });
    const described = await connected.client.handle(name).describe();
    const isOurs = described?.running && (described.projectDir === undefined || described.projectDir === dir);
    return { connected, goesOn: isOurs ? described : undefined };
  } catch (error) {
    // Said when a run has to be started, and nothing else is wrong.
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

async function hasRunBefore(dir: string): Promise<boolean> {
  return stat(runsFolder(dir)).then(
    () => true,
    () => false,
  );
}
