import { applyFlags } from '../config/flags.js';
import { openProject, type Project } from '../config/project.js';
import { toRunInput } from '../config/run-request.js';
import type { CompleteRunInput } from '../config/run-input.js';
import { chooseTracker } from '../trackers/choose-tracker.js';
import type { Listing } from '../trackers/tracker.js';
import { checkBeforeStart } from './check-before-start.js';
import type { StartOptions } from './options.js';
import type { Shell } from './shell.js';

export interface WantedRun {
  project: Project;
  listing: Listing;
  /** What to start the workflow with. */
  toInput: (webUrl: string | null) => CompleteRunInput;
}

/** Reads and checks everything that `run` and `start` need, and changes nothing. */
export async function openWantedRun(options: StartOptions, { cwd, env, err }: Shell): Promise<WantedRun> {
  const found = await openProject({ cwd, configFile: options.config, env });
  for (const warning of found.warnings) err(`garland: warning: ${warning}`);
  const config = applyFlags(found.config, options);
  const project = { ...found, config, name: options.project ?? found.name };
  // Orders that need more than the settings fail here, before anything is started.
  toRunInput(project, config, options);
  const listing = await checkBeforeStart(project);
  const { kind, because } = await chooseTracker(project.dir, config.tracker);
  if (because !== undefined) err(`garland: tracker: ${kind} (${because})`);
  return { project, listing, toInput: (webUrl) => toRunInput(project, config, options, webUrl ?? undefined) };
}
