import { defineQuery, defineSignal } from '@temporalio/workflow';
import type {
  ABORT_SIGNAL,
  DRAIN_SIGNAL,
  EVENTS_QUERY,
  EventsPage,
  RunSnapshot,
  STATE_QUERY,
} from '../src/contract/run.js';

// The names are those of src/contract/run.ts: the type checks that they agree, and no code crosses over.

/** Stop every agent, start none, put their issues back. The first reason wins. */
export const abortSignal = defineSignal<[reason?: unknown], typeof ABORT_SIGNAL>('abort');
/** Start nothing new and end when the active agents have. */
export const drainSignal = defineSignal<[], typeof DRAIN_SIGNAL>('drain');
// `unsettled`: see settled-history.ts.
export const stateQuery = defineQuery<RunSnapshot, [unsettled?: boolean], typeof STATE_QUERY>('state');
/** Events with seq > after. */
export const eventsQuery = defineQuery<EventsPage, [after?: number, unsettled?: boolean], typeof EVENTS_QUERY>(
  'events',
);
