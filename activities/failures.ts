import { ApplicationFailure } from '@temporalio/activity';
import { UserError } from '../src/errors.js';
import { TrackerError } from '../src/trackers/tracker.js';

/** A failure that trying again can't mend ends the run with its one line; a person has to do something first. */
export function asFinalFailure(error: unknown): unknown {
  if (error instanceof UserError || error instanceof TrackerError) {
    return ApplicationFailure.create({ message: error.message, type: error.name, nonRetryable: true });
  }
  return error;
}

/** One line for a person, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
