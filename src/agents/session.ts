import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { AGENT_KINDS, type AgentKind } from '../contract/agents.js';
import { createOnce } from '../processes/create-once.js';
import { jobPaths, readJob } from '../processes/job.js';
import type { Agent, SessionStart } from './agent.js';
import { NO_USAGE } from './measure-usage.js';
import { readUsageRecord, recordUsage, usageSchema, type UsageRecord } from './usage-record.js';

const sessionRecordSchema = z.object({
  version: z.literal(1),
  kind: z.enum(AGENT_KINDS),
  id: z.string().optional(),
  resumes: z.boolean(),
  before: usageSchema,
});

/** Of a program that keeps no sessions, or of a process that was never started. */
export const NO_SESSION: SessionStart = { resumes: false, before: NO_USAGE };

/**
 * The session that the process of this folder works in: decided once, and written down before the program starts. It is the
 * last one that an earlier process of the same kind has begun for this issue in this run, or a new one. `isFresh`: a new
 * one in any case.
 */
export async function decideSession(agent: Agent, folder: string, isFresh: boolean): Promise<SessionStart> {
  if (!agent.hasSessions) return NO_SESSION;
  const found = isFresh ? undefined : await findSession(agent, folder);
  const id = agent.chooseSession?.();
  const fresh: SessionStart = { ...NO_SESSION, ...(id !== undefined && { id }) };
  const record = { version: 1, kind: agent.kind, ...(found ?? fresh) };
  await createOnce(fileIn(folder), `${JSON.stringify(record, undefined, 2)}\n`);
  return (await readSession(folder)) ?? NO_SESSION;
}

/** Undefined when nothing was decided, or it can't be read. */
export async function readSession(folder: string): Promise<z.infer<typeof sessionRecordSchema> | undefined> {
  try {
    return sessionRecordSchema.parse(JSON.parse(await readFile(fileIn(folder), 'utf8')));
  } catch {
    return undefined;
  }
}

const fileIn = (folder: string): string => join(folder, 'session.json');

/** The folder of the process that takes an attempt's place when its session turns out to be unknown to the program. */
export const freshFolderIn = (folder: string): string => join(folder, 'fresh');

/** From the newest to the oldest: a process that has begun no session leaves the word to the one before it. */
async function findSession(agent: Agent, folder: string): Promise<SessionStart | undefined> {
  for (const earlier of await listEarlier(folder)) {
    const start = await readSession(earlier);
    if (start?.kind !== agent.kind) continue;
    const { session: id, resumable, total } = await readEnd(agent, earlier, start, new Date());
    if (id !== undefined) return resumable ? { id, resumes: true, before: total } : undefined;
  }
  return undefined;
}

/** Nobody may have seen the end of a process whose worker died with it: then its output alone has to tell. */
async function readEnd(agent: Agent, folder: string, start: SessionStart, endedAt: Date): Promise<UsageRecord> {
  const { stdout, stderr } = jobPaths(folder);
  const known = await readUsageRecord(folder);
  if (known) return known;
  const report = await agent.interpret({ stdoutFile: stdout, stderrFile: stderr, exitCode: null });
  return recordUsage(agent, folder, { start, report, endedAt });
}

/** The same for a process whose run is gone, so that what it used counts for the day on which it ended. Nothing while it runs. */
export async function recordUnseenEnd(folder: string, agentOf: (kind: AgentKind) => Agent): Promise<void> {
  const start = await readSession(folder);
  if (start === undefined) return;
  const job = await readJob(folder);
  if (job.state !== 'exited' && job.state !== 'lost') return;
  const endedAt = job.state === 'exited' ? job.endedAt : await readLastWord(folder, job.startedAt);
  await readEnd(agentOf(start.kind), folder, start, endedAt);
}

/** When it last wrote something. */
async function readLastWord(folder: string, startedAt: Date): Promise<Date> {
  return stat(jobPaths(folder).stdout).then(
    ({ mtime }) => mtime,
    () => startedAt,
  );
}

/** Folders of this issue's processes in this run before the one of this folder, the newest first: see attemptFolder. */
async function listEarlier(folder: string): Promise<string[]> {
  const isFresh = basename(folder) === basename(freshFolderIn(''));
  const own = isFresh ? dirname(folder) : folder;
  const issue = dirname(own);
  const names = (await readdir(issue).catch(() => [])).filter((name) => place(name) < place(basename(own)));
  const before = names
    .toSorted((a, b) => place(b) - place(a))
    .flatMap((name) => [freshFolderIn(join(issue, name)), join(issue, name)]);
  return isFresh ? [own, ...before] : before;
}

/** `<attempt>-<resumption>` as a number to sort by; NaN for whatever else lies there. */
function place(name: string): number {
  const [, attempt, resumption = 0] = /^(\d+)(?:-(\d+))?$/.exec(name) ?? [];
  return Number(attempt) * 1e6 + Number(resumption);
}
