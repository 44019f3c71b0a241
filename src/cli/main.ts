import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { EXIT, type ExitCode } from '../errors.js';
import { addAbort } from './commands/abort.js';
import { addDoctor } from './commands/doctor.js';
import { addDrain } from './commands/drain.js';
import { addRun } from './commands/run.js';
import { addServer } from './commands/server.js';
import { addStart } from './commands/start.js';
import { addStatus } from './commands/status.js';
import { addWorker } from './commands/worker.js';
import { reportError } from './report-error.js';
import { createShell, type Shell } from './shell.js';

/** Adds one command. Its action reports the exit code through `finish`, or throws. */
export type AddCommand = (program: Command, shell: Shell, finish: (code: ExitCode) => void) => void;

/** In the order in which the help lists them. */
const commands: AddCommand[] = [addRun, addStart, addWorker, addStatus, addAbort, addDrain, addDoctor, addServer];

/** The command line: parses, runs the command and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<never> {
  const shell = createShell(process);
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram(shell, (code) => (exitCode = code));
  try {
    await program.parseAsync(argv);
  } catch (error) {
    exitCode = reportError(error, shell);
  }
  // The SDK's native part keeps the process alive for a while; what is written must be out before it is cut short.
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  process.exit(exitCode);
}

function createProgram(shell: Shell, finish: (code: ExitCode) => void): Command {
  const program = new Command('garland')
    .description('Runs coding agents over an issue tracker, unattended, and loses nothing when something dies.')
    .version(readVersion(), '-V, --version')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`garland: ${toOneLine(text)}\n`) })
    .addHelpText(
      'after',
      '\nExit codes: 0 all that ran was accepted, 1 an issue failed, 2 usage or configuration, 3 aborted or polling failed, 130 interrupted',
    );
  for (const add of commands) add(program, shell, finish);
  return program;
}

/** Commander puts its suggestion on a line of its own. */
function toOneLine(text: string): string {
  return text
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ');
}

function readVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  const { version }: { version: string } = JSON.parse(readFileSync(file, 'utf8'));
  return version;
}
