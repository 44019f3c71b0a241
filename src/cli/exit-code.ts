import type { RunResult } from '../contract/run.js';
import { EXIT, type ExitCode } from '../errors.js';

/** The exit code of a run that has ended; see "Exit codes" in docs/command-line.md. */
export function exitCodeOf(result: Pick<RunResult, 'outcome' | 'failed' | 'error'>): ExitCode {
  switch (result.outcome) {
    case 'completed':
      return result.failed.length > 0 ? EXIT.failed : EXIT.ok;
    case 'aborted':
      return EXIT.stopped;
    case 'failed':
      return result.error?.startsWith('poll_failed') ? EXIT.stopped : EXIT.failed;
  }
}
