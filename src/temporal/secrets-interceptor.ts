import type { ActivityInterceptors } from '@temporalio/worker';
import { hideInAnswer, hideInError } from '../secrets/hide-in-answer.js';

/** Nothing that an activity answers or throws brings a secret into the history, the memo or the log, whoever said it. */
export function hidesSecrets(): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        try {
          return hideInAnswer(await next(input));
        } catch (error) {
          hideInError(error);
          throw error;
        }
      },
    },
  };
}
