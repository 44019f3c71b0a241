import { z } from 'zod';
import type { AgentReport } from './agent.js';
import { hideAndCut } from '../secrets/hide-and-cut.js';

/** No usage limit lasts longer; a wrong time must not hold up a project for years. */
const LONGEST = 7 * 24 * 3_600_000;
const MAX_REASON = 300;
const isoTime = z.iso.datetime({ offset: true });

/** Reads `GARLAND: LIMITED <ISO time> reason`; undefined when the line is no such thing. */
export function readLimit(line: string, now: Date): AgentReport | undefined {
  const [, time, text = ''] = /^GARLAND: LIMITED(?:\s+(\S+))?(?:\s+(.*))?$/.exec(line) ?? [];
  if (!line.startsWith('GARLAND: LIMITED')) return undefined;
  if (!isoTime.safeParse(time).success) {
    return {
      outcome: 'failed',
      reason: hideAndCut(`said that it is limited until ${time ?? 'nothing'}, which is no ISO 8601 time`, MAX_REASON),
    };
  }
  const asked = new Date(time ?? '').getTime();
  const latest = now.getTime() + LONGEST;
  const until = new Date(Math.min(Math.max(asked, now.getTime()), latest)).toISOString();
  const doubts = [
    ...(asked < now.getTime() ? [`the time given, ${time}, has passed`] : []),
    ...(asked > latest ? [`the time given, ${time}, is more than 7 days ahead`] : []),
  ];
  return {
    outcome: 'limited',
    reason: hideAndCut([`limited until ${until}`, ...doubts, ...(text === '' ? [] : [text])].join(': '), MAX_REASON),
    limitedUntil: until,
  };
}
