import type { Usage } from '../../contract/agents.js';
import type { BudgetMeter } from '../../contract/run.js';

/** `$1.20 · 45k tokens`. Undefined: nothing was told. */
export function formatUsage(usage: Usage | undefined): string | undefined {
  if (usage === undefined) return undefined;
  const tokens = usage.inputTokens + usage.outputTokens;
  const parts = [
    ...(usage.usd === null ? [] : [formatUsd(usage.usd)]),
    ...(tokens === 0 ? [] : [`${formatCount(tokens)} tokens`]),
  ];
  return parts.length === 0 ? undefined : parts.join(' · ');
}

/** `$10.02 of $10.00`, `1.2M of 1M tokens` */
export function describeMeter({ unit, spent, limit }: BudgetMeter): string {
  if (unit === 'usd') return `${formatUsd(spent)} of ${formatUsd(limit)}`;
  return `${formatCount(spent)} of ${formatCount(limit)} tokens`;
}

/** Less than a cent is shown as that: it isn't nothing. */
function formatUsd(usd: number): string {
  return usd > 0 && usd < 0.01 ? 'less than $0.01' : `$${usd.toFixed(2)}`;
}

/** `950`, `45k`, `1.2M` */
function formatCount(count: number): string {
  if (count < 1000) return String(count);
  if (count < 1_000_000) return `${Math.round(count / 1000)}k`;
  return `${Number((count / 1_000_000).toFixed(1))}M`;
}
