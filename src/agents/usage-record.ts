import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AGENT_KINDS } from '../contract/agents.js';
import { createOnce } from '../processes/create-once.js';
import type { Agent, AgentReport, SessionStart } from './agent.js';
import { measureUsage } from './measure-usage.js';

export const usageSchema = z.object({
  inputTokens: z.number().min(0),
  cachedInputTokens: z.number().min(0),
  outputTokens: z.number().min(0),
  usd: z.number().nullable(),
});

const usageRecordSchema = z.object({
  version: z.literal(1),
  kind: z.enum(AGENT_KINDS),
  /** ISO 8601. */
  endedAt: z.iso.datetime(),
  /** Absent: none has begun. */
  session: z.string().optional(),
  /** Another process can go on with it. */
  resumable: z.boolean(),
  /** What this process has used. Absent: its program told nothing. */
  used: usageSchema.optional(),
  /** What all processes of its session have used so far, this one included. */
  total: usageSchema,
});

/** `usage.json` in a process's folder, written once, when it has ended. */
export type UsageRecord = z.infer<typeof usageRecordSchema>;

/** Undefined when there is none, or it can't be read. */
export async function readUsageRecord(folder: string): Promise<UsageRecord | undefined> {
  try {
    return usageRecordSchema.parse(JSON.parse(await readFile(fileIn(folder), 'utf8')));
  } catch {
    return undefined;
  }
}

type SessionReport = Pick<AgentReport, 'session' | 'resumable' | 'sessionGone' | 'own' | 'counted'>;

/** Answers what is there: of several that write it at the same time, the first. */
export async function recordUsage(
  agent: Agent,
  folder: string,
  { start, report, endedAt }: { start: SessionStart; report: SessionReport; endedAt: Date },
): Promise<UsageRecord> {
  // Whoever goes on with a session and dies before a word has changed nothing about it.
  const session = report.session ?? (start.resumes ? start.id : undefined);
  const resumable = report.session === undefined ? start.resumes && !report.sessionGone : (report.resumable ?? false);
  const record: UsageRecord = {
    version: 1,
    kind: agent.kind,
    endedAt: endedAt.toISOString(),
    ...(session !== undefined && { session }),
    resumable,
    ...measureUsage(agent, start.before, report),
  };
  await createOnce(fileIn(folder), `${JSON.stringify(record, undefined, 2)}\n`);
  return (await readUsageRecord(folder)) ?? record;
}

const fileIn = (folder: string): string => join(folder, 'usage.json');
