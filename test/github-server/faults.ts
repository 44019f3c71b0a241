import type { IncomingMessage, ServerResponse } from 'node:http';

/** What goes wrong with a request, instead of or after what it asks for. */
export type Fault =
  /** Answered without looking at it. */
  | { kind: 'answer'; status: number; body?: unknown; headers?: Record<string, string> }
  /** Not JSON, although it says so. */
  | { kind: 'garbage'; status: number; text: string }
  /** Never answered, and nothing is done. */
  | { kind: 'hang' }
  /** The connection is cut before anything is done. */
  | { kind: 'cut' }
  /** It is done, and the connection is cut before the answer. */
  | { kind: 'lose answer' };

export interface PlannedFault {
  fault: Fault;
  /** Which requests: `POST /repos/o/r/issues/1/labels by robot`. Default: any. */
  on?: RegExp;
  /** How many of them. @default 1 */
  times?: number;
  /** How many of them go well first. @default 0 */
  after?: number;
}

export interface Faults {
  plan(fault: PlannedFault): void;
  clear(): void;
  take(request: string): Fault | undefined;
}

export function createFaults(): Faults {
  let planned: Required<PlannedFault>[] = [];
  return {
    plan: ({ fault, on = /./, times = 1, after = 0 }) => planned.push({ fault, on, times, after }),
    clear: () => (planned = []),
    take(request) {
      for (const each of planned.filter(({ on, times }) => times > 0 && on.test(request))) {
        if (each.after > 0) each.after -= 1;
        else {
          each.times -= 1;
          return each.fault;
        }
      }
      return undefined;
    },
  };
}

/** True when the fault has dealt with the request, and nothing is to be done any more. */
export function applyFault(fault: Fault | undefined, request: IncomingMessage, response: ServerResponse): boolean {
  switch (fault?.kind) {
    case undefined:
    case 'lose answer':
      return false;
    case 'hang':
      return true;
    case 'cut':
      request.socket.destroy();
      return true;
    case 'garbage':
      response.writeHead(fault.status, { 'content-type': 'application/json; charset=utf-8' }).end(fault.text);
      return true;
    case 'answer':
      response
        .writeHead(fault.status, { 'content-type': 'application/json; charset=utf-8', ...fault.headers })
        .end(JSON.stringify(fault.body ?? { message: 'Server Error' }));
      return true;
  }
}
