import { describe, expect, it } from 'vitest';
import { measureUsage, NO_USAGE } from '../../src/agents/measure-usage.js';
import { priceOf } from '../../src/agents/price.js';

const usage = (requests: number, usd: number | null = null) => ({
  inputTokens: 1_000 * requests,
  cachedInputTokens: 200 * requests,
  outputTokens: 50 * requests,
  usd,
});

describe('measureUsage', () => {
  it('takes what the program tells of the process alone', () => {
    expect(measureUsage({}, usage(3, 0.3), { own: usage(2, 0.2) })).toEqual({
      used: usage(2, 0.2),
      total: usage(5, 0.5),
    });
  });

  it('takes the growth of what it counts over the session', () => {
    expect(measureUsage({}, NO_USAGE, { counted: usage(2, 0.1) })).toEqual({
      used: usage(2, 0.1),
      total: usage(2, 0.1),
    });
    expect(measureUsage({}, usage(2, 0.1), { counted: usage(5, 0.3) })).toEqual({
      used: usage(3, 0.2),
      total: usage(5, 0.3),
    });
  });

  it('counts nothing twice that a killed process has told, or leaves it out when the program has forgotten it', () => {
    const killed = measureUsage({}, usage(2, 0.2), { own: usage(2) });
    expect(killed).toEqual({ used: usage(2), total: usage(4, 0.2) });
    // It forgot: its count has the two before the kill and the one after it.
    expect(measureUsage({}, killed.total, { own: usage(1, 0.1), counted: usage(3, 0.3) }).used).toEqual(usage(1, 0.1));
    // It remembers, and brings the dollars that nobody knew.
    expect(measureUsage({}, killed.total, { own: usage(1, 0.1), counted: usage(5, 0.5) }).used).toEqual(usage(1, 0.3));
  });

  it('begins anew with a program that has lost count', () => {
    expect(measureUsage({}, usage(5), { counted: usage(1) })).toEqual({ used: usage(1), total: usage(6) });
  });

  it('knows nothing where nothing is told', () => {
    expect(measureUsage({}, usage(5, 0.5), {})).toEqual({ total: usage(5, 0.5) });
  });

  it('reckons dollars for a program that tells none', () => {
    const prices = { m: { input: 1.25, cached_input: 0.125, output: 10 } };
    const agent = { price: (used: ReturnType<typeof usage>) => priceOf(prices, 'm', used) };
    const { used, total } = measureUsage(agent, usage(2, 0.00305), { counted: usage(4) });
    expect([used?.usd, total.usd]).toEqual([0.00305, 0.0061]);
    expect(priceOf(prices, 'other', usage(1))).toBeNull();
    expect(priceOf(prices, undefined, usage(1))).toBeNull();
  });
});
