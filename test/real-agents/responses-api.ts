import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { respondEvents, type Speech } from './reply.js';

/** OpenAI's `POST /v1/responses`, streamed. */
export function answerResponses(response: ServerResponse, { reply, cost }: Speech): void {
  const id = `resp_${randomUUID()}`;
  const item =
    reply.does === 'run'
      ? {
          type: 'function_call',
          id: `fc_${randomUUID()}`,
          call_id: `call_${randomUUID()}`,
          name: 'exec_command',
          arguments: JSON.stringify({ cmd: reply.command }),
        }
      : {
          type: 'message',
          id: `msg_${randomUUID()}`,
          role: 'assistant',
          content: [{ type: 'output_text', text: reply.text, annotations: [] }],
        };
  const usage = {
    input_tokens: cost.input,
    input_tokens_details: { cached_tokens: cost.cached },
    output_tokens: cost.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: cost.input + cost.output,
  };
  respondEvents(response, [
    { type: 'response.created', response: { id } },
    { type: 'response.output_item.done', output_index: 0, item },
    reply.does === 'refuse'
      ? { type: 'response.incomplete', response: { id, usage, incomplete_details: { reason: 'content_filter' } } }
      : { type: 'response.completed', response: { id, usage } },
  ]);
}
