import type { UnwrittenState } from '../contract/activities.js';

/** The tracker could not be told what became of an issue, or not all of it. */
export class UnwrittenError extends Error {
  override readonly name = 'UnwrittenError';
  constructor(
    /** What is known of the issue itself. */
    readonly state: UnwrittenState,
    message: string,
    /** Why. */
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}
