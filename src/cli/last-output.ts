import { attemptFolder } from '../agents/attempt-folder.js';
import type { RunSnapshot } from '../contract/run.js';
import { jobPaths } from '../processes/job.js';
import { readTail } from '../processes/read-tail.js';

/**
 * The last line that an agent has written, as of about a second ago: reading goes on beside the drawing, which never waits
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
      void readTail(jobPaths(folder).stdout, 2000).then(
        (text) => (entry.line = lastLineOf(text) ?? entry.line),
        () => undefined,
      );
    }
    return last?.line;
  };
}

function lastLineOf(text: string): string | undefined {
  return text
    .split('\n')
    .findLast((line) => line.trim() !== '')
    ?.trim();
}

const refreshAfter = 1000;
const forgetAt = 200;
