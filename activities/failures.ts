import { ApplicationFailure } from '@temporalio/activity';
import type { RetryAfter } from '../src/contract/activities.js';
import { UserError } from '../src/errors.js';
import { GitHubError } from '../src/github/github-error.js';
import { TrackerError } from '../src/trackers/tracker.js';

/** A failure that trying again can't mend ends the run with its one line; a person has to do something first. */
export function asFinalFailure(error: unknown): unknown {
  if (error instanceof UserError || (error instanceof TrackerError && error.permanent)) {
    return ApplicationFailure.create({ message: error.message, type: error.name, nonRetryable: true });
  }
  return asPassingFailure(error);
}

/** As it is, or as a failure that says when to try again, if somebody has said so: to the workflow, and to Temporal's own retries. */
export function asPassingFailure(error: unknown): unknown {
  const details = retryAfterOf(error);
  if (details.length === 0) return error;
  return ApplicationFailure.create({ message: messageOf(error), details, nextRetryDelay: details[0]?.retryAfterMs });
}

/** To go with a failure's details. */
export function retryAfterOf(error: unknown): RetryAfter[] {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ((current instanceof TrackerError || current instanceof GitHubError) && current.retryAfterMs !== undefined) {
      return [{ retryAfterMs: current.retryAfterMs }];
    }
  }
  return [];
}

/** One line for a person, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
