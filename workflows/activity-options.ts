import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../src/contract/activities.js';
import type { agentsTaskQueueOf } from '../src/contract/run.js';

/**
 * A worker that died is noticed after this long without a heartbeat. Every activity beats by itself (see
 * src/temporal/worker.ts), short ones too, so that one that hung in a dead worker is taken up by the next.
 */
const HEARTBEAT_TIMEOUT = '8s';

/** An attempt of Temporal's is used up by every crash and shutdown, so there is no maximum. */
const RETRY = { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '15s' } as const;

const SHORT = {
  startToCloseTimeout: '10m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: RETRY,
} satisfies ActivityOptions;

/** Gates have their own limits, which end them with an outcome; this one is only a bound. */
const GATE = { ...SHORT, startToCloseTimeout: '30d' } satisfies ActivityOptions;

/**
 * A cancellation reaches an activity only with a heartbeat's answer. So the workflow doesn't wait for it: it lets go at once and
 * settles the attempt with a call of its own, which stops the agent within milliseconds. (A gate's may be about to land.)
 */
const AGENT = { ...GATE, cancellationType: ActivityCancellationType.TRY_CANCEL } satisfies ActivityOptions;

/** Type-checked to be what the worker polls. */
const agentsTaskQueue: typeof agentsTaskQueueOf = (project) => `garland/${project}/agents`;

/** A call of an activity, with the summary that the Web UI shows for it. */
export interface Call {
  project: string;
  summary: string;
  /** One try: the caller tries again itself. */
  once?: boolean;
}

const activities = proxyActivities<Activities>(SHORT);

/** Bound to the run: the activities with their options. Summaries are at most 200 bytes. */
export const call = {
  prepareRun: (to: Call, ...args: Parameters<Activities['prepareRun']>) =>
    activities.prepareRun.executeWithOptions(shortOptions(to), args),
  fetchReadyIssues: (to: Call, ...args: Parameters<Activities['fetchReadyIssues']>) =>
    activities.fetchReadyIssues.executeWithOptions(shortOptions(to), args),
  finalizeIssue: (to: Call, ...args: Parameters<Activities['finalizeIssue']>) =>
    activities.finalizeIssue.executeWithOptions(shortOptions(to), args),
  runAgent: (to: Call, ...args: Parameters<Activities['runAgent']>) =>
    activities.runAgent.executeWithOptions(longOptions(AGENT, to), args),
  verifyWork: (to: Call, ...args: Parameters<Activities['verifyWork']>) =>
    activities.verifyWork.executeWithOptions(longOptions(GATE, to), args),
};

function shortOptions(to: Call): ActivityOptions {
  const retry = to.once ? { maximumAttempts: 1 } : RETRY;
  return { ...SHORT, retry, summary: cutToBytes(to.summary, 200) };
}

function longOptions(options: ActivityOptions, to: Call): ActivityOptions {
  return { ...options, taskQueue: agentsTaskQueue(to.project), summary: cutToBytes(to.summary, 200) };
}

/** A character takes at most 4 bytes in UTF-8; ids are short, so the cut is rarely seen. */
function cutToBytes(text: string, bytes: number): string {
  return text.length * 4 <= bytes ? text : [...text].slice(0, Math.floor(bytes / 4)).join('');
}
