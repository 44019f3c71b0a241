import type { DoctorOptions } from '../doctor/diagnose.js';
import type { AddCommand } from '../main.js';
import { addProjectOptions } from '../options.js';

export const addDoctor: AddCommand = (program, shell, finish) => {
  addProjectOptions(program.command('doctor'))
    .description('say what is wrong with a project, and what earlier runs left behind')
    .option('--fix', 'clean up what can be cleaned up without a loss')
    .option('--json', 'print JSON')
    .action(async (options: DoctorOptions) => {
      const { diagnose } = await import('../doctor/diagnose.js');
      finish(await diagnose(options, shell));
    });
};
