import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Day } from '../contract/activities.js';
import { hasCode } from '../processes/create-once.js';
import { runsFolder } from './attempt-folder.js';
import { freshFolderIn } from './session.js';
import { readUsageRecord } from './usage-record.js';

/** The day of this machine's clock and time zone: it ends at midnight, and may have 23 or 25 hours. */
export function dayOf(now: Date): Day {
  const [year, month, date] = [now.getFullYear(), now.getMonth(), now.getDate()];
  const two = (value: number): string => String(value).padStart(2, '0');
  const endsAt = new Date(year, month, date + 1);
  return { date: `${year}-${two(month + 1)}-${two(date)}`, endsAt: endsAt.toISOString() };
}

/** US dollars that agents of all runs of the project have used since the day of `now` began, as their folders tell. */
export async function spentTodayUsd(projectDir: string, now: Date): Promise<number> {
  const since = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  let sum = 0;
  for (const run of await listFolders(runsFolder(projectDir))) {
    for (const issue of await listFolders(run)) {
      for (const attempt of await listFolders(issue)) {
        sum += (await usedSince(attempt, since)) + (await usedSince(freshFolderIn(attempt), since));
      }
    }
  }
  return sum;
}

async function usedSince(folder: string, since: Date): Promise<number> {
  // Most are older: what they hold needn't be read.
  if ((await writtenAt(join(folder, 'usage.json'))) < since.getTime()) return 0;
  const record = await readUsageRecord(folder);
  if (record === undefined || Date.parse(record.endedAt) < since.getTime()) return 0;
  return record.used?.usd ?? 0;
}

async function writtenAt(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return 0;
  }
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
