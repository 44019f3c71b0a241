/**
 * Ids of changes to what the workflow does, for `patched()`: a run that goes on from before one does as it did then. Each says since
 * when, and what it was before; it goes when no run from before can be going on any more. See docs/upgrades.md.
 */

/** After 0.1.0. An agent that somebody stopped by hand waited for the backoff, as one that had failed. */
export const ABORTED_AT_ONCE = 'aborted-at-once';

/** After 0.1.0. An agent that said again that its usage limit has ended already was started again at once, every time. */
export const LIMITED_AGAIN_WAITS = 'limited-again-waits';

/** After 0.1.0. An issue that waited for its next attempt, hours perhaps, was started although somebody had taken it away. */
export const WAITING_IS_WATCHED = 'waiting-is-watched';
