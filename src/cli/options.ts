import { InvalidArgumentError, type Command } from 'commander';
import type { RunFlags } from '../config/flags.js';
import { PROJECT_NAME } from '../config/schema.js';

/** Options of every command that concerns a run. */
export interface ProjectOptions {
  config?: string;
  project?: string;
}

/** Options of the commands that start a run. */
export interface StartOptions extends ProjectOptions, RunFlags {
  dryRun?: boolean;
  json?: boolean;
}

export function addProjectOptions(command: Command): Command {
  return command
    .option('--config <file>', "the WORKFLOW.md to use; default: the current folder's")
    .option(
      '--project <name>',
      "the project's name; default: the one in WORKFLOW.md, else the folder's name",
      readProjectName,
    );
}

function readProjectName(name: string): string {
  if (PROJECT_NAME.test(name)) return name;
  throw new InvalidArgumentError('Allowed: letters, digits, dot, dash and underscore, at most 100.');
}

/** Values stay text here: what is allowed is what WORKFLOW.md may say, and is checked in the same place. */
export function addStartOptions(command: Command): Command {
  return addProjectOptions(command)
    .option('--max-agents <n>', 'how many agents run at the same time, or "unlimited"')
    .option('--max-issues <n>', 'how many issues to start at most, or "unlimited"')
    .option('--epic <id>', 'only descendants of this epic')
    .option('--only <ids>', 'only these issues, separated by commas')
    .option('--order <order>', 'epic, priority, focus or input')
    .option('--wip-first', "also issues in progress that are nobody else's, and first")
    .option('--orphans-only', 'only issues without a parent epic')
    .option('--types <types>', 'only issues of these types, separated by commas')
    .option('--retry-failed', 'also issues that failed before (label needs-followup)')
    .option('--agent <command>', 'the agent: a shell command that gets the prompt on stdin')
    .option('--watch', 'stay when nothing is ready, and go on polling')
    .option('--dry-run', 'only show what would be started, in order')
    .option('--json', 'print JSON');
}
