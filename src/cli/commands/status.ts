import type { AddCommand } from '../main.js';
import { addProjectOptions } from '../options.js';
import type { StatusOptions } from '../show-status.js';

export const addStatus: AddCommand = (program, shell, finish) => {
  addProjectOptions(program.command('status'))
    .description("show the project's run: the one that goes on, else the last one")
    .option('--events', 'its events from the first; with --json the same lines as `garland run --json`')
    .option('--json', 'print JSON')
    .action(async (options: StatusOptions) => {
      const { showStatus } = await import('../show-status.js');
      finish(await showStatus(options, shell));
    });
};
