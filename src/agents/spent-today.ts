import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Day } from '../contract/activities.js';
import type { AgentKind } from '../contract/agents.js';
import { hasCode } from '../processes/create-once.js';
import type { Agent } from './agent.js';
import { runsFolder } from './attempt-folder.js';
import { freshFolderIn, recordUnseenEnd } from './session.js';
import { readUsageRecord } from './usage-record.js';

/** The day of this machine's clock and time zone: it ends at midnight, and may have 23 or 25 hours. */
export function dayOf(now: Date): Day {
  const [year, month, date] = [now.getFullYear(), now.getMonth(), now.getDate()];
  const two = (value: number): string => String(value).padStart(2, '0');
  const endsAt = new Date(year, month, date + 1);
  return { date: `${year}-${two(month + 1)}-${two(date)}`, endsAt: endsAt.toISOString() };
}

/**
 * US dollars that agents of all runs of the project have used since the day of `now` began, as their folders tell. What nobody
 * has written down, because their run was gone when they ended, is read from what they said, by the agent of that kind.
 */
export async function spentTodayUsd(
  projectDir: string,
  now: Date,
  agentOf: (kind: AgentKind) => Agent,
): Promise<number> {
  const since = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  let sum = 0;
  for (const run of await listFolders(runsFolder(projectDir))) {
    for (const issue of await listFolders(run)) {
      for (const attempt of await listFolders(issue)) {
        for (const folder of [attempt, freshFolderIn(attempt)]) sum += await usedSince(folder, since, agentOf);
      }
    }
  }
  return sum;
}

async function usedSince(folder: string, since: Date, agentOf: (kind: AgentKind) => Agent): Promise<number> {
  const writtenAt = await readTime(join(folder, 'usage.json'));
  // Most are older: what they hold needn't be read.
  if (writtenAt !== undefined && writtenAt < since.getTime()) return 0;
  if (writtenAt === undefined) await recordUnseenEnd(folder, agentOf);
  const record = await readUsageRecord(folder);
  if (record === undefined || Date.parse(record.endedAt) < since.getTime()) return 0;
  return record.used?.usd ?? 0;
}

async function readTime(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

async function listFolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
