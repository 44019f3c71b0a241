import type { Config } from '../config/schema.js';
import type { Usage } from '../contract/agents.js';
import { roundUsd } from './measure-usage.js';

const MILLION = 1_000_000;

/** US dollars. Null: no price is configured for the model. */
export function priceOf(prices: Config['codex']['prices'], model: string | undefined, used: Usage): number | null {
  const price = model === undefined ? undefined : prices[model];
  if (price === undefined) return null;
  const fresh = used.inputTokens - used.cachedInputTokens;
  const sum = fresh * price.input + used.cachedInputTokens * price.cached_input + used.outputTokens * price.output;
  return roundUsd(sum / MILLION);
}
