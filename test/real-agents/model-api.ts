import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerMessages } from './messages-api.js';
import { respondJson, USUAL_COST, type Reply, type Tokens } from './reply.js';
import { answerResponses } from './responses-api.js';

export interface Charge extends Tokens {
  issue: string;
  model: string;
}

/** A request for an answer, as far as the stub looks at it. */
export interface Asked {
  issue: string;
  model: string;
  /** The whole request, for tests that look closer. */
  body: unknown;
  headers: IncomingMessage['headers'];
}

/** A stub of the models' APIs: Anthropic's messages and OpenAI's responses, both streamed. */
export interface ModelApi {
  url: string;
  /** What it says about an issue, in order; afterwards it says "Done." */
  script(issue: string, replies: (Reply | (() => Reply))[]): void;
  readonly asked: Asked[];
  readonly charges: Charge[];
  close(): Promise<void>;
}

export async function startModelApi(): Promise<ModelApi> {
  const scripts = new Map<string, (Reply | (() => Reply))[]>();
  const asked: Asked[] = [];
  const charges: Charge[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://stub').pathname;
    const speak = path.endsWith('/messages')
      ? answerMessages
      : path.endsWith('/responses')
        ? answerResponses
        : undefined;
    const body = await readBody(request);
    if (speak === undefined) return respondJson(response, 404, { error: { message: `no ${path} here` } });
    const { model, issue, isSide } = describeRequest(body);
    const reply = (isSide ? undefined : takeReply(scripts.get(issue))) ?? { does: 'say', text: 'Done.' };
    if (!isSide) asked.push({ issue, model, body, headers: request.headers });
    if (reply.does === 'hang') return;
    if (reply.does === 'fail') return respondJson(response, reply.status, reply.body, reply.headers);
    const cost = reply.cost ?? USUAL_COST;
    charges.push({ issue, model, ...cost });
    speak(response, { model, reply, cost, streams: body['stream'] === true });
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) =>
      respondJson(response, 500, { error: { message: String(error) } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    script: (issue, replies) => void scripts.set(issue, [...replies]),
    asked,
    charges,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await sleep(0);
    },
  };
}

function takeReply(script: (Reply | (() => Reply))[] = []): Reply | undefined {
  const [next] = script;
  if (next && 'always' in next) return next;
  script.shift();
  return typeof next === 'function' ? next() : next;
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Requests without tools are the program's own: for a title, a summary. */
function describeRequest(body: Record<string, unknown>): { model: string; issue: string; isSide: boolean } {
  const text = JSON.stringify(body['messages'] ?? body['input'] ?? '');
  const [, issue = ''] = /# Issue ([A-Za-z0-9-]+):/.exec(text) ?? [];
  const tools = body['tools'];
  return { model: String(body['model']), issue, isSide: !Array.isArray(tools) || tools.length === 0 };
}
