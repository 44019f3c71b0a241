/**
 * slot use = (sum of agent seconds) / (slots × seconds from the first start to the last end). 1 is a machine that never
 * waits. The gap is from an agent's exit to the start of the agent that got its slot.
 */
export function measureSlotUse(spans, slots) {
  const starts = spans.map((span) => span.start).toSorted((a, b) => a - b);
  const ends = spans.map((span) => span.end).toSorted((a, b) => a - b);
  const busy = spans.reduce((sum, span) => sum + span.end - span.start, 0);
  const wall = (ends.at(-1) ?? 0) - (starts[0] ?? 0);
  const gaps = starts.slice(slots).map((start, index) => start - ends[index]);
  return { slotUse: busy / (slots * wall), wallSeconds: wall / 1000, medianGapMs: median(gaps), agents: spans.length };
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
