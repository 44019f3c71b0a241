import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';

/** How often one activity beats, in milliseconds. Each beat is a write on the server, as dear as the start of an activity. */
const FASTEST = 1_500;
const SLOWEST = 2_500;
/** All activities of a worker together beat at most about 100 times a second: each beat is a write on the server. */
const PER_ACTIVITY = 10;

let running = 0;

/**
 * Every activity beats from a timer, whatever it is doing: the beat says that the worker is alive, and its answer
 * brings cancellations.
 */
export function keepsBeating(context: Context): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        let timer: NodeJS.Timeout | undefined;
        const beat = () => {
          context.heartbeat();
          timer = setTimeout(beat, Math.min(SLOWEST, Math.max(FASTEST, running * PER_ACTIVITY)));
        };
        running += 1;
        timer = setTimeout(beat, FASTEST / 2);
        try {
          return await next(input);
        } finally {
          running -= 1;
          clearTimeout(timer);
        }
      },
    },
  };
}
