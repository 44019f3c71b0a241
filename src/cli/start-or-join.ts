import { guessProject, openProject } from '../config/project.js';
import { describeDifferences } from '../config/run-request.js';
import type { CompleteRunInput } from '../config/run-input.js';
import { EXIT, UserError } from '../errors.js';
import type { RunDescription } from '../temporal/run-handle.js';
import { connect, type Connected } from './connect.js';
import { lookForRun } from './look-for-run.js';
import { checkWantedRun, wantRun, type WantedRun } from './open-run.js';
import type { StartOptions } from './options.js';
import type { Shell } from './shell.js';

export interface PresentRun {
  connected: Connected;
  project: { name: string; dir: string };
  /** First run ID of the chain. */
  runId: string;
  started: boolean;
  hasWorker: boolean;
}

/**
 * Starts the run. Where one is going on, it is joined, and what of the wanted options it doesn't have is said. That needs
 * neither a tracker that answers nor a WORKFLOW.md that can be used: both may be what its agents have been waiting for.
 *
 * @throws UserError when it can't be started, or the run that is going on belongs to another folder
 */
export async function startOrJoin(options: StartOptions, shell: Shell): Promise<PresentRun> {
  const { project, wanted, broken } = await openOrGuess(options, shell);
  const found = await lookForRun(project, shell);
  if (found?.goesOn) return join(found.connected, project, found.goesOn, wanted ?? broken, shell);
  if (wanted === undefined) throw broken;
  await checkWantedRun(wanted, shell);
  const connected = found?.connected ?? (await connect(shell, { start: true }));
  const { handle, started } = await connected.client.start(project.name, wanted.toInput(connected.server.webUrl));
  const described = await handle.describe();
  if (!described)
    throw new UserError(`the run of ${project.name} is not on the server any more; try again`, EXIT.failed);
  if (!started) return join(connected, project, described, wanted, shell);
  return { connected, project, runId: described.runId, started, hasWorker: described.hasWorker };
}

type Opened =
  | { project: PresentRun['project']; wanted: WantedRun; broken?: undefined }
  | { project: PresentRun['project']; wanted?: undefined; broken: UserError };

/** What is wrong with WORKFLOW.md is an error only when it turns out that a run has to be started. */
async function openOrGuess(options: StartOptions, shell: Shell): Promise<Opened> {
  const { cwd, env } = shell;
  const found = await openProject({ cwd, configFile: options.config, env }).catch(keepUserError);
  if (found instanceof UserError) {
    const { name, dir } = await guessProject({ cwd, configFile: options.config });
    return { project: { name: options.project ?? name, dir }, broken: found };
  }
  const wanted = wantRun(found, options, shell);
  return { project: wanted.project, wanted };
}

function keepUserError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  throw error;
}

function join(
  connected: Connected,
  project: PresentRun['project'],
  { runId, startedAt, input, hasWorker }: RunDescription,
  wanted: WantedRun | UserError,
  { err }: Shell,
): PresentRun {
  if (wanted instanceof UserError) {
    for (const line of wanted.message.split('\n')) err(`garland: warning: ${line}`);
    err('garland: warning: a worker that begins now can do nothing before that is mended');
  }
  err(`garland: a run of ${project.name} is going on since ${startedAt.toLocaleString()}: joining it`);
  if (input && !(wanted instanceof UserError)) tellDifferences(input, wanted.toInput(connected.server.webUrl), err);
  return { connected, project, runId, started: false, hasWorker };
}

function tellDifferences(existing: CompleteRunInput, wanted: CompleteRunInput, err: Shell['err']): void {
  for (const line of describeDifferences(existing, wanted)) err(`garland: it keeps its own options; ${line}`);
}
