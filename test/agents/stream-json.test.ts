import { describe, expect, it } from 'vitest';
import { readStreamJson } from '../../src/agents/stream-json.js';

const init = { type: 'system', subtype: 'init', session_id: 's-1' };
const limited = { type: 'rate_limit_event', rate_limit_info: { status: 'rejected', resetsAt: 1_800_000_000 } };
const counts = (input: number, output: number) => ({ input_tokens: input, output_tokens: output });
const start = (input: number, model = 'm') => ({
  type: 'stream_event',
  event: { type: 'message_start', message: { model, usage: counts(input, 1) } },
});
const delta = (input: number, output: number) => ({
  type: 'stream_event',
  event: { type: 'message_delta', usage: counts(input, output) },
});
const result = (more: object = {}) => ({
  type: 'result',
  subtype: 'success',
  is_error: false,
  result: 'Done.',
  ...more,
});
const used = (inputTokens: number, outputTokens: number, usd: number | null) => ({
  inputTokens,
  cachedInputTokens: 0,
  outputTokens,
  usd,
});
const since = (inputTokens: number, outputTokens: number, costUSD: number) => ({
  model_usage_since_last_result: { m: { inputTokens, outputTokens, costUSD } },
});

function read(...lines: unknown[]) {
  const reader = readStreamJson((model, { inputTokens }) => (model === 'm' ? inputTokens / 1_000 : null));
  for (const line of lines) reader.take(line);
  return reader.end();
}

describe('readStreamJson', () => {
  it('knows a limit as long as the service has not answered again', () => {
    expect(read(init, limited).limitedUntil).toEqual(new Date(1_800_000_000_000));
    expect(read(init, limited, start(10)).limitedUntil).toBeUndefined();
    expect(read(init, limited, result()).limitedUntil).toBeUndefined();
  });

  it('adds up what each result tells, and messages after the last one', () => {
    const twice = [
      init,
      start(10),
      delta(10, 5),
      result(since(10, 5, 0.1)),
      start(20),
      delta(20, 7),
      result(since(20, 7, 0.2)),
    ];
    expect(read(...twice).own).toEqual(used(30, 12, 0.3));
    expect(read(...twice, start(40), delta(40, 3)).own).toEqual(used(70, 15, 0.34));
    expect(read(init, start(10, 'other')).own).toEqual(used(10, 1, null));
  });

  it('keeps what the end of a message does not tell again', () => {
    const whole = { input_tokens: 10, cache_read_input_tokens: 900, cache_creation_input_tokens: 90, output_tokens: 1 };
    const begun = { type: 'stream_event', event: { type: 'message_start', message: { model: 'other', usage: whole } } };
    const ends = [
      { output_tokens: 5 },
      { ...whole, input_tokens: null, cache_read_input_tokens: null, output_tokens: 5 },
    ];
    for (const usage of ends) {
      const end = { type: 'stream_event', event: { type: 'message_delta', usage } };
      expect(read(init, begun, end).own).toEqual({ ...used(1_000, 5, null), cachedInputTokens: 900 });
    }
  });

  it('keeps apart what helpers of the model use at the same time', () => {
    const from = (parent_tool_use_id: string | null, line: object) => ({ ...line, parent_tool_use_id });
    const mixed = [
      from(null, start(100)),
      from('a', start(20)),
      from('b', start(3)),
      from('a', delta(20, 50)),
      from(null, delta(100, 7)),
    ];
    expect(read(init, ...mixed).own).toEqual(used(123, 58, 0.123));
  });

  it('takes the usage of the turn where an older version tells no more', () => {
    const older = {
      usage: counts(10, 5),
      total_cost_usd: 0.5,
      modelUsage: { m: { inputTokens: 30, outputTokens: 9, costUSD: 0.5 } },
    };
    expect(read(init, result(older))).toMatchObject({ own: used(10, 5, null), counted: used(30, 9, 0.5) });
  });

  it('takes no word of a helper of the model, or of the program, for the last message', () => {
    const says = (text: string, more: object = {}) => ({
      type: 'assistant',
      message: { model: 'm', content: [{ type: 'text', text }] },
      ...more,
    });
    const synthetic = {
      type: 'assistant',
      message: { model: '<synthetic>', content: [{ type: 'text', text: 'API Error' }] },
    };
    expect(read(init, says('mine'), says('helper', { parent_tool_use_id: 't' }), synthetic).lastMessage).toBe('mine');
  });

  it('passes over what it does not know', () => {
    const strange = [
      null,
      5,
      'x',
      [],
      {},
      { type: 'news' },
      { type: 'stream_event', event: { type: 'ping' } },
      { type: 'result' },
    ];
    expect(read(init, ...strange)).toEqual({ session: 's-1' });
  });
});
