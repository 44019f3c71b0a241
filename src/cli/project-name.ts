import { openProject } from '../config/project.js';
import { UserError } from '../errors.js';
import type { ProjectOptions } from './options.js';
import type { Shell } from './shell.js';

/**
 * The project that a command means: `--project`, else that of the current folder.
 *
 * @throws UserError when WORKFLOW.md can't be read: a run can still be reached by its name then
 */
export async function findProjectName({ project, config }: ProjectOptions, { cwd, env }: Shell): Promise<string> {
  if (project !== undefined) return project;
  try {
    return (await openProject({ cwd, configFile: config, env })).name;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `${error.message}\n(--project NAME says which run is meant without reading it)`,
      error.exitCode,
    );
  }
}
