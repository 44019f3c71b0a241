import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readJob, stopJob } from '../processes/job.js';
import { isRecordThere } from '../processes/job-folder.js';
import { safeName } from '../workspaces/names.js';
import { runsFolder } from './attempt-folder.js';

/** An attempt's folder holds the agent's job; its gate and hooks have theirs so many folders below at most. */
const MAX_DEPTH = 4;

/**
 * Stops whatever still runs for this issue from another run (its agent, its gate), and sees to it that what that run was
 * about to start never starts: two of them in one workspace would undo each other's work. Answers their folders.
 */
export async function stopStrays(
  projectDir: string,
  runId: string,
  issueId: string,
  { graceMs = 5_000 }: { graceMs?: number } = {},
): Promise<string[]> {
  const runs = runsFolder(projectDir);
  const others = (await listFolders(runs)).filter((name) => name !== safeName(runId));
  const found = await Promise.all(others.map((name) => findJobs(join(runs, name, safeName(issueId)), 0)));
  const stopped = await Promise.all(
    found.flat().map(async (folder) => {
      const { state } = await readJob(folder);
      await stopJob(folder, { graceMs, reason: `run ${runId} works on ${issueId} now` });
      return state === 'running' ? [folder] : [];
    }),
  );
  return stopped.flat();
}

/** Attempts, whether they have begun or not, and the jobs below them. */
async function findJobs(folder: string, depth: number): Promise<string[]> {
  const below = (await listFolders(folder)).map((name) => join(folder, name));
  const deeper = depth < MAX_DEPTH ? await Promise.all(below.map((child) => findJobs(child, depth + 1))) : [];
  const isAttempt = depth === 1;
  return [...(isAttempt || (await isRecordThere(folder)) ? [folder] : []), ...deeper.flat()];
}

async function listFolders(folder: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
