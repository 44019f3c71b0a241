import { spawn } from 'node:child_process';

/** What a loop costs that keeps everything in memory: the same commands, `slots` at a time. */
export async function runPool({ issues, command, slots }) {
  const spans = [];
  let next = 0;
  const work = async () => {
    while (next < issues) {
      next += 1;
      const start = Date.now();
      await new Promise((resolve) => spawn('sh', ['-c', command], { stdio: 'ignore' }).on('exit', resolve));
      spans.push({ start, end: Date.now() });
    }
  };
  await Promise.all(Array.from({ length: slots }, work));
  return spans;
}
