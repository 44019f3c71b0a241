import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { attemptFolder } from '../agents/attempt-folder.js';
import { showOutputLine } from '../agents/show-line.js';
import type { RunSnapshot } from '../contract/run.js';
import { jobPaths } from '../processes/job.js';
import { readTail } from '../processes/read-tail.js';

/**
 * The last that an agent has said in its output, as of about a second ago: reading goes on beside the drawing, which never waits
 * for a disk.
 */
export function createLastOutput(now: () => number = Date.now) {
  const known = new Map<string, { at: number; line: string | undefined }>();
  return (snapshot: RunSnapshot, issueId: string, attempt: number): string | undefined => {
    const folder = attemptFolder(snapshot.projectDir, snapshot.runId, issueId, attempt);
    const last = known.get(folder);
    if (!last || now() - last.at > refreshAfter) {
      if (known.size > forgetAt) known.clear();
      const entry = { at: now(), line: last?.line };
      known.set(folder, entry);
      void readLastLine(folder).then(
        (line) => (entry.line = line ?? entry.line),
        () => undefined,
      );
    }
    return last?.line;
  };
}

async function readLastLine(folder: string): Promise<string | undefined> {
  const text = await readTail(jobPaths(await findNewestProcess(folder)).stdout, tailBytes);
  for (const line of text.split('\n').toReversed()) {
    const shown = showOutputLine(line);
    if (shown !== undefined) return shown;
  }
  return undefined;
}

/** Further turns of an attempt have folders of their own, with a number after the attempt's: see attemptFolder. */
async function findNewestProcess(folder: string): Promise<string> {
  const first = basename(folder);
  const later = (await readdir(dirname(folder)))
    .filter((name) => name.startsWith(`${first}-`))
    .map((name) => Number(name.slice(first.length + 1)))
    .filter((resumption) => Number.isSafeInteger(resumption));
  return later.length === 0 ? folder : `${folder}-${Math.max(...later)}`;
}

/** The lines of some agents are long, and few of them say something. */
const tailBytes = 32_000;
const refreshAfter = 1000;
const forgetAt = 200;
