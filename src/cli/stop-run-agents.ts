import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runFolder } from '../agents/attempt-folder.js';
import { stopJob } from '../processes/job.js';

/** Kills at once whatever runs for a run: agents, gates, hooks. For leaving in a hurry; the next worker finds them stopped. */
export async function stopRunAgents(projectDir: string, runId: string): Promise<void> {
  const run = runFolder(projectDir, runId);
  const names = await readdir(run, { recursive: true }).catch(() => []);
  // A job's folder is told by its record, wherever the attempt keeps it.
  const folders = names.filter((name) => /(^|[/\\])record\.json$/.test(name)).map((name) => join(run, name, '..'));
  await Promise.allSettled(folders.map((folder) => stopJob(folder, { graceMs: 0, reason: 'interrupted' })));
}
