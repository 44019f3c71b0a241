import { z } from 'zod';
import type { Usage } from '../contract/agents.js';
import { add, larger, NO_USAGE, roundUsd } from './measure-usage.js';
import type { Transcript, TranscriptReader } from './transcript.js';

const count = z.number().min(0).catch(0);
const usage = z.object({
  input_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  output_tokens: count,
});
const modelUsage = z.record(
  z.string(),
  z.object({
    inputTokens: count,
    cacheReadInputTokens: count,
    cacheCreationInputTokens: count,
    outputTokens: count,
    costUSD: z.number().nullable().catch(null),
  }),
);
const content = z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).catch([]);

/** Lines that mean something here. Every other one is passed over: programs get new kinds of them all the time. */
const line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('system'), subtype: z.string(), session_id: z.string().optional() }),
  z.object({
    type: z.literal('assistant'),
    parent_tool_use_id: z.string().nullish(),
    message: z.object({ content, model: z.string().optional() }),
  }),
  z.object({
    type: z.literal('stream_event'),
    parent_tool_use_id: z.string().nullish(),
    event: z.discriminatedUnion('type', [
      z.object({ type: z.literal('message_start'), message: z.object({ model: z.string(), usage }) }),
      z.object({ type: z.literal('message_delta'), usage }),
    ]),
  }),
  z.object({
    type: z.literal('rate_limit_event'),
    rate_limit_info: z.object({ status: z.string(), resetsAt: z.number().optional() }),
  }),
  z.object({
    type: z.literal('result'),
    subtype: z.string(),
    is_error: z.boolean(),
    result: z.string().optional(),
    error: z.string().optional(),
    errors: z.array(z.string()).catch([]),
    stop_reason: z.string().nullish(),
    terminal_reason: z.string().nullish(),
    api_error_status: z.number().nullish(),
    usage: usage.optional().catch(undefined),
    total_cost_usd: z.number().nullable().catch(null),
    modelUsage: modelUsage.optional().catch(undefined),
    model_usage_since_last_result: modelUsage.optional().catch(undefined),
  }),
]);

type ResultLine = Extract<z.infer<typeof line>, { type: 'result' }>;

export function isResultLine(value: unknown): boolean {
  return line.safeParse(value).data?.type === 'result';
}

/**
 * Reads the lines of `--output-format stream-json` (Claude Code) and `--stream-json` (Amp). A result tells what was used since
 * the one before it; what comes after the last result, of a process that was killed, is added up from the
 * messages. `price`: US dollars for tokens of a model.
 */
export function readStreamJson(price: (model: string, used: Usage) => number | null): TranscriptReader {
  const transcript: Transcript = {};
  let own: Usage | undefined;
  let pending: { parent: string | null; model: string; used: Usage }[] = [];

  const takeResult = (told: ResultLine) => {
    own = add(own ?? NO_USAGE, usedSinceLast(told));
    pending = [];
    const counted = told.modelUsage && sumModels(told.modelUsage);
    if (counted)
      transcript.counted = {
        ...counted,
        usd: told.total_cost_usd === null ? counted.usd : roundUsd(told.total_cost_usd),
      };
    const ok = told.subtype === 'success' && !told.is_error;
    const text = told.errors.join('\n') || told.error || told.result || told.subtype;
    transcript.result = { ok, text };
    if (ok) transcript.lastMessage = told.result ?? transcript.lastMessage;
    transcript.isSpent = !ok && isSpent(told);
    if (ok) delete transcript.limitedUntil;
  };

  return {
    take(value) {
      const parsed = line.safeParse(value);
      if (!parsed.success) return;
      const told = parsed.data;
      switch (told.type) {
        case 'system':
          if (told.subtype === 'init') transcript.session = told.session_id;
          break;
        case 'assistant': {
          const text = told.message.content.flatMap((block) => (block.type === 'text' ? [block.text ?? ''] : []));
          const isOwn = told.message.model !== '<synthetic>' && told.parent_tool_use_id == null;
          if (isOwn && text.length > 0) transcript.lastMessage = text.join('\n');
          break;
        }
        case 'stream_event': {
          const { event, parent_tool_use_id: parent = null } = told;
          if (event.type === 'message_start') {
            // The service answers again, so that limit was no end.
            delete transcript.limitedUntil;
            pending.push({ parent, model: event.message.model, used: toUsage(event.message.usage) });
          } else {
            // Helpers of the model speak in between. Only the output is sure to be told again, and counts only grow.
            const ended = pending.findLast((message) => message.parent === parent);
            if (ended) ended.used = larger(ended.used, toUsage(event.usage));
          }
          break;
        }
        case 'rate_limit_event': {
          const { status, resetsAt } = told.rate_limit_info;
          if (status === 'rejected' && resetsAt) transcript.limitedUntil = new Date(resetsAt * 1_000);
          break;
        }
        case 'result':
          takeResult(told);
      }
    },
    end() {
      const killed = pending.map(({ model, used }) => ({ ...used, usd: price(model, used) }));
      const all = killed.reduce<Usage | undefined>((sum, used) => add(sum ?? NO_USAGE, used), own);
      return { ...transcript, ...(all && { own: all }) };
    },
  };
}

/** Older versions tell no cost of a turn apart: the growth of the whole has to do. */
function usedSinceLast({ model_usage_since_last_result: models, usage: turn }: ResultLine): Usage {
  if (models) return sumModels(models);
  return turn ? toUsage(turn) : NO_USAGE;
}

function toUsage(told: z.infer<typeof usage>): Usage {
  return {
    inputTokens: told.input_tokens + told.cache_read_input_tokens + told.cache_creation_input_tokens,
    cachedInputTokens: told.cache_read_input_tokens,
    outputTokens: told.output_tokens,
    usd: null,
  };
}

function sumModels(models: z.infer<typeof modelUsage>): Usage {
  return Object.values(models).reduce<Usage>(
    (sum, told) =>
      add(sum, {
        inputTokens: told.inputTokens + told.cacheReadInputTokens + told.cacheCreationInputTokens,
        cachedInputTokens: told.cacheReadInputTokens,
        outputTokens: told.outputTokens,
        usd: told.costUSD,
      }),
    NO_USAGE,
  );
}

/** What the service won't take, whatever is said next: the whole conversation would be sent again. */
function isSpent({ stop_reason, terminal_reason, api_error_status }: ResultLine): boolean {
  return stop_reason === 'refusal' || terminal_reason === 'prompt_too_long' || api_error_status === 400;
}
