import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Looks at a process's resident memory a few times a second. `stop` answers the most that was seen, in bytes. */
export function watchMemory(pid) {
  const stopped = new AbortController();
  let most = 0;
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({
        stdout: '0',
      }));
      most = Math.max(most, Number(stdout) * 1024);
      await sleep(250, undefined, { signal: stopped.signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await watching;
      return most;
    },
  };
}
