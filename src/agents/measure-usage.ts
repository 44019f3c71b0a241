import type { Usage } from '../contract/agents.js';
import type { Agent } from './agent.js';

export const NO_USAGE: Usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, usd: null };

/**
 * What a process has used, and what its session has used with it; `used` is absent where the program told nothing. Of what the
 * program tells of this process alone and the growth of its count over the session, the larger one: a process that
 * was killed may have told less than it used, which comes with the next count, or the program may have forgotten it.
 */
export function measureUsage(
  agent: Pick<Agent, 'price'>,
  before: Usage,
  { own, counted }: { own?: Usage; counted?: Usage },
): { used?: Usage; total: Usage } {
  const measured = larger(own, counted && grow(before, counted)) ?? counted;
  if (measured === undefined) return { total: before };
  const used = { ...measured, usd: measured.usd ?? agent.price?.(measured) ?? null };
  return { used, total: add(before, used) };
}

/** Undefined for a program that has lost count, and began anew with this process. */
function grow(before: Usage, counted: Usage): Usage | undefined {
  const hasLostCount = counted.inputTokens < before.inputTokens || counted.outputTokens < before.outputTokens;
  if (hasLostCount) return undefined;
  return {
    inputTokens: counted.inputTokens - before.inputTokens,
    cachedInputTokens: Math.max(0, counted.cachedInputTokens - before.cachedInputTokens),
    outputTokens: counted.outputTokens - before.outputTokens,
    usd: counted.usd === null ? null : Math.max(0, roundUsd(counted.usd - (before.usd ?? 0))),
  };
}

/** Field by field. */
export function larger(one: Usage, other: Usage): Usage;
export function larger(one: Usage | undefined, other: Usage | undefined): Usage | undefined;
export function larger(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    inputTokens: Math.max(one.inputTokens, other.inputTokens),
    cachedInputTokens: Math.max(one.cachedInputTokens, other.cachedInputTokens),
    outputTokens: Math.max(one.outputTokens, other.outputTokens),
    usd: one.usd === null || other.usd === null ? (one.usd ?? other.usd) : Math.max(one.usd, other.usd),
  };
}

export function add(one: Usage, other: Usage): Usage {
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
