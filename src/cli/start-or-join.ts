import { describeDifferences } from '../config/run-request.js';
import type { CompleteRunInput } from '../config/run-input.js';
import { EXIT, UserError } from '../errors.js';
import type { Connected } from './connect.js';
import type { WantedRun } from './open-run.js';
import type { Shell } from './shell.js';

/**
 * Starts the run. Where one is going on, it is joined, and what of the wanted options it doesn't have is said.
 *
 * @throws UserError when the run that is going on belongs to another folder
 */
export async function startOrJoin(
  { client }: Connected,
  { project }: WantedRun,
  input: CompleteRunInput,
  { err }: Shell,
): Promise<{ runId: string; started: boolean; hasWorker: boolean }> {
  const { handle, started } = await client.start(project.name, input);
  const described = await handle.describe();
  if (!described)
    throw new UserError(`the run of ${project.name} is not on the server any more; try again`, EXIT.failed);
  if (!started) {
    err(`garland: a run of ${project.name} is going on since ${described.startedAt.toLocaleString()}: joining it`);
    const differences = described.input ? describeDifferences(described.input, input) : [];
    for (const line of differences) err(`garland: it keeps its own options; ${line}`);
  }
  return { runId: described.runId, started, hasWorker: described.hasWorker };
}
