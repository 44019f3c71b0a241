import { z } from 'zod';
import type { Transcript, TranscriptReader } from './transcript.js';

const count = z.number().min(0).catch(0);
const failure = z.object({ message: z.string() });

/** Lines that mean something here. Every other one is passed over: programs get new kinds of them all the time. */
const line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thread.started'), thread_id: z.string() }),
  z.object({
    type: z.literal('item.completed'),
    item: z.object({ type: z.literal('agent_message'), text: z.string() }),
  }),
  z.object({
    type: z.literal('turn.completed'),
    usage: z
      .object({ input_tokens: count, cached_input_tokens: count, output_tokens: count })
      .optional()
      .catch(undefined),
  }),
  z.object({ type: z.literal('turn.failed'), error: failure }),
  z.object({ type: z.literal('error'), message: z.string() }),
]);

export function isTurnEnd(value: unknown): boolean {
  const type = line.safeParse(value).data?.type;
  return type === 'turn.completed' || type === 'turn.failed';
}

/** Reads the lines of `codex exec --json`. Its usage counts the whole thread. */
export function readCodexLines(): TranscriptReader {
  const transcript: Transcript = {};
  return {
    take(value) {
      const parsed = line.safeParse(value);
      if (!parsed.success) return;
      const told = parsed.data;
      switch (told.type) {
        case 'thread.started':
          transcript.session = told.thread_id;
          break;
        case 'item.completed':
          transcript.lastMessage = told.item.text;
          break;
        case 'turn.completed':
          transcript.result = { ok: true, text: '' };
          if (told.usage) {
            transcript.counted = {
              inputTokens: told.usage.input_tokens,
              cachedInputTokens: told.usage.cached_input_tokens,
              outputTokens: told.usage.output_tokens,
              usd: null,
            };
          }
          break;
        case 'turn.failed': {
          const text = readMessage(told.error.message);
          transcript.result = { ok: false, text };
          transcript.isSpent = isSpent(told.error.message);
          break;
        }
        case 'error':
          transcript.complaint = readMessage(told.message);
      }
    },
    end: () => transcript,
  };
}

/** Some are the service's answer as it is: JSON. */
function readMessage(message: string): string {
  try {
    return z.object({ error: failure }).parse(JSON.parse(message)).error.message;
  } catch {
    return message;
  }
}

/** What the service won't take, whatever is said next: the whole thread would be sent again. */
function isSpent(message: string): boolean {
  return /"invalid_request_error"|content_filter|context window|context_length|maximum context/i.test(message);
}
