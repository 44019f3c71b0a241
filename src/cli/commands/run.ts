import type { AddCommand } from '../main.js';
import { addStartOptions, type StartOptions } from '../options.js';

export const addRun: AddCommand = (program, shell, finish) => {
  addStartOptions(program.command('run'))
    .description('run agents until nothing is ready: server, worker, run, live view, summary')
    .action(async (options: StartOptions) => {
      const { runProject } = await import('../run-project.js');
      finish(await runProject(options, shell));
    });
};
