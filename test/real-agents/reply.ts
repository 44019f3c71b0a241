import type { ServerResponse } from 'node:http';

/** What the model says next. */
export type Reply =
  /** Runs a command in the agent's shell. */
  | { does: 'run'; command: string; cost?: Tokens }
  /** Ends its turn. */
  | { does: 'say'; text: string; cost?: Tokens }
  | { does: 'refuse'; text: string; cost?: Tokens; always?: true }
  /** An answer of the API itself, with its status; `always`: also when it is asked again. */
  | { does: 'fail'; status: number; body: unknown; headers?: Record<string, string>; always?: true }
  /** Answers nothing until the caller is gone. */
  | { does: 'hang' };

/** Tokens that an answer is charged: `input` is all of it. */
export interface Tokens {
  input: number;
  cached: number;
  output: number;
}

export const USUAL_COST: Tokens = { input: 1_000, cached: 200, output: 50 };

export function respondJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Server-sent events. */
export function respondEvents(response: ServerResponse, events: ({ type: string } & Record<string, unknown>)[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
}

export type Spoken = Extract<Reply, { cost?: Tokens }>;
export interface Speech {
  model: string;
  reply: Spoken;
  cost: Tokens;
  streams: boolean;
}
