import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { respondEvents, respondJson, type Speech } from './reply.js';

/** Anthropic's `POST /v1/messages`, streamed. */
export function answerMessages(response: ServerResponse, { model, reply, cost, streams }: Speech): void {
  const usage = {
    input_tokens: cost.input - cost.cached,
    cache_read_input_tokens: cost.cached,
    cache_creation_input_tokens: 0,
    output_tokens: 1,
  };
  const message = {
    id: `msg_${id()}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    usage,
  };
  const index = 0;
  const block =
    reply.does === 'run'
      ? { type: 'tool_use', id: `toolu_${id()}`, name: 'Bash', input: {} }
      : { type: 'text', text: '' };
  const delta =
    reply.does === 'run'
      ? { type: 'input_json_delta', partial_json: JSON.stringify({ command: reply.command, description: 'Work' }) }
      : { type: 'text_delta', text: reply.text };
  const stop = { run: 'tool_use', say: 'end_turn', refuse: 'refusal' }[reply.does];
  if (!streams) {
    const content =
      reply.does === 'run' ? { ...block, input: { command: reply.command } } : { ...block, text: reply.text };
    const whole = { ...usage, output_tokens: cost.output };
    return respondJson(response, 200, { ...message, content: [content], stop_reason: stop, usage: whole });
  }
  respondEvents(response, [
    { type: 'message_start', message },
    { type: 'content_block_start', index, content_block: block },
    { type: 'content_block_delta', index, delta },
    { type: 'content_block_stop', index },
    {
      type: 'message_delta',
      delta: { stop_reason: stop, stop_sequence: null },
      // The rest of it may be left out.
      usage: { output_tokens: cost.output },
    },
    { type: 'message_stop' },
  ]);
}

const id = () => randomUUID().replaceAll('-', '').slice(0, 24);
