/**
 * garland from another program: start a run on any Temporal server, follow it, stop it. The workflow's own side is the
 * worker's business: `garland worker`, or `startWorker` from `garland/worker`.
 */
export { GarlandClient } from './temporal/client.js';
export type { StartedRun } from './temporal/client.js';
export { RunHandle } from './temporal/run-handle.js';
export type { RunDescription } from './temporal/run-handle.js';
export { resolveConnection } from './temporal/connection.js';
export type { ServerConnection } from './temporal/connection.js';
export { runInputSchema } from './config/run-input.js';
export type { CompleteRunInput, RunInput } from './config/run-input.js';
export { parseRunInput } from './config/validate-run-input.js';
export * from './contract/run.js';
export type * from './contract/events.js';
export type * from './contract/outcomes.js';
export { UserError } from './errors.js';
