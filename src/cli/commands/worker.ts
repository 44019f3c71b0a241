import type { AddCommand } from '../main.js';
import { addProjectOptions, type ProjectOptions } from '../options.js';

export const addWorker: AddCommand = (program, shell, finish) => {
  addProjectOptions(program.command('worker'))
    .description('do the work of the runs of a project, until SIGTERM or Ctrl-C')
    .action(async (options: ProjectOptions) => {
      const { workForProject } = await import('../work-for-project.js');
      finish(await workForProject(options, shell));
    });
};
