import type { Usage } from '../contract/agents.js';
import type { Agent } from './agent.js';

export const NO_USAGE: Usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, usd: null };

/**
 * What a process has used, and what its session has used with it. Programs that count up over a session make it a difference:
 * so what a killed process has used and never told comes with the next report of its session. `used` is absent where the
 * program told nothing.
 */
export function measureUsage(agent: Agent, before: Usage, reported: Usage | undefined): { used?: Usage; total: Usage } {
  if (reported === undefined) return { total: before };
  const counted = agent.sessions?.counts === 'session' ? subtract(reported, before) : reported;
  const used = { ...counted, usd: counted.usd ?? agent.price?.(counted) ?? null };
  return { used, total: add(before, used) };
}

/** A program that has lost count begins anew: then what it tells is what this process used. */
function subtract(total: Usage, before: Usage): Usage {
  const hasLostCount = total.inputTokens < before.inputTokens || total.outputTokens < before.outputTokens;
  if (hasLostCount) return total;
  return {
    inputTokens: total.inputTokens - before.inputTokens,
    cachedInputTokens: Math.max(0, total.cachedInputTokens - before.cachedInputTokens),
    outputTokens: total.outputTokens - before.outputTokens,
    usd: total.usd === null ? null : Math.max(0, roundUsd(total.usd - (before.usd ?? 0))),
  };
}

function add(one: Usage, other: Usage): Usage {
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    cachedInputTokens: one.cachedInputTokens + other.cachedInputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    usd: one.usd === null && other.usd === null ? null : roundUsd((one.usd ?? 0) + (other.usd ?? 0)),
  };
}

/** Sums of binary fractions end in noise. */
export function roundUsd(usd: number): number {
  return Math.round(usd * 1e9) / 1e9;
}
