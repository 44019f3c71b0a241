import type { AddCommand } from '../main.js';
import { addStartOptions, type StartOptions } from '../options.js';

export const addStart: AddCommand = (program, shell, finish) => {
  addStartOptions(program.command('start'))
    .description('start a run and return; `garland worker` does its work')
    .action(async (options: StartOptions) => {
      const { startProject } = await import('../start-project.js');
      finish(await startProject(options, shell));
    });
};
