import { CommanderError } from 'commander';
import { EXIT, UserError, type ExitCode } from '../errors.js';
import { hideSecrets } from '../secrets/hide-secrets.js';
import { TrackerError } from '../trackers/tracker.js';

/**
 * Says what went wrong, and returns the exit code that goes with it: one line, or a line for each thing that is wrong in a
 * file.
 */
export function reportError(
  error: unknown,
  { err, env }: { err: (line: string) => void; env: NodeJS.ProcessEnv },
): ExitCode {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const debug = Boolean(env['GARLAND_DEBUG']);
  if (debug && error instanceof Error) err(hideSecrets(error.stack ?? error.message));
  else if (isExpected(error)) err(hideSecrets(`garland: ${error.message}`));
  else err(hideSecrets(`garland: ${oneLine(error)} (GARLAND_DEBUG=1 shows where it comes from)`));
  if (error instanceof UserError) return error.exitCode;
  return error instanceof TrackerError ? EXIT.usage : EXIT.failed;
}

function isExpected(error: unknown): error is Error {
  return error instanceof UserError || error instanceof TrackerError;
}

export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}
