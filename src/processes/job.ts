/**
 * Jobs: detached processes that outlive garland, for agents, the gate's commands and hooks. What a job's folder holds is
 * described in job-folder.ts.
 */
export { jobPaths, type JobStop } from './job-folder.js';
export { LeftRunning, readInterruption, type Interruption } from './interruption.js';
export { readJob, type JobState } from './read-job.js';
export { runJob, type JobResult, type RunJobOptions } from './run-job.js';
export { attachJob, startJob, type Job, type JobSpec } from './start-job.js';
export { stopJob, type StopOptions } from './stop-job.js';
export type { JobEnd } from './wait-for-job.js';
