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
  /** What to start the workflow with. */
  toInput: (webUrl: string | null) => CompleteRunInput;
}

/** The run that WORKFLOW.md and the flags ask for. */
export async function openWantedRun(options: StartOptions, shell: Shell): Promise<WantedRun> {
  return wantRun(await openProject({ cwd: shell.cwd, configFile: options.config, env: shell.env }), options, shell);
}

/** @throws UserError when a flag is wrong */
export function wantRun(found: Project, options: StartOptions, { err }: Shell): WantedRun {
  for (const warning of found.warnings) err(`garland: warning: ${warning}`);
  const config = applyFlags(found.config, options);
  const project = { ...found, config, name: options.project ?? found.name };
  // Orders that need more than the settings fail here, before anything is started.
  toRunInput(project, config, options);
  return { project, toInput: (webUrl) => toRunInput(project, config, options, webUrl ?? undefined) };
}

/** Checks everything that a new run needs, and changes nothing. What holds that up is said at once. */
export async function checkWantedRun({ project }: WantedRun, { err }: Shell): Promise<Listing> {
  const listing = await checkBeforeStart(project, (line) => err(`garland: ${line}`));
  const { kind, because } = await chooseTracker(project.dir, project.config.tracker);
  if (because !== undefined) err(`garland: tracker: ${kind} (${because})`);
  return listing;
}
