import { EXIT, UserError } from '../../errors.js';
import { connect } from '../connect.js';
import type { AddCommand } from '../main.js';
import { addProjectOptions, type ProjectOptions } from '../options.js';
import { findProjectName } from '../project-name.js';

interface DrainOptions extends ProjectOptions {
  json?: boolean;
}

export const addDrain: AddCommand = (program, shell, finish) => {
  addProjectOptions(program.command('drain'))
    .option('--json', 'print JSON')
    .description('start nothing new; the run ends when its active agents have')
    .action(async (options: DrainOptions) => {
      const project = await findProjectName(options, shell);
      const { client } = await connect(shell, { start: false });
      const handle = client.handle(project);
      const described = await handle.describe();
      if (!described?.running) throw new UserError(`no run of ${project} is going on, so there is nothing to drain`);
      await handle.drain();
      await client.close();
      if (options.json) shell.out(JSON.stringify({ project, runId: described.runId, draining: true }));
      else {
        shell.out(`the run of ${project} starts nothing new and ends when its agents have`);
        if (!described.hasWorker) shell.out('no worker is there: `garland worker` brings it to its end');
      }
      finish(EXIT.ok);
    });
};
