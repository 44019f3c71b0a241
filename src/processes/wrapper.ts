import { readBootId } from './identity.js';
import { jobPaths, type JobRecord } from './job-folder.js';
import { JOB_VARIABLE } from './process-table.js';
import { startDetached, type StartedProcess } from './starter.js';

/**
 * Runs in the job's folder with: boot id, working directory, program, arguments. POSIX sh, and cheap: on Linux it starts
 * nothing but `ln` and the program.
 * - Signals to the group must reach the program and leave the wrapper, which has to write the status down. Traps that
 *   are caught, not ignored, are back to normal in the program.
 * - `exit` is opened before the program starts and overwritten in place, in room that it has already: neither a full
 *   disk nor a lack of file descriptors can lose the status. Without `-n`, ln would follow a link that leads to a folder.
 * - ln ignores signals: killed with its link made, it would seem to have failed.
 * - Its own messages ("Terminated") don't belong in the program's stderr.
 * - What the program left behind in the group gets a SIGTERM from here, because as long as the wrapper lives the group
 *   is certainly ours. A stop has sent one already.
 */
export const WRAPPER = `
stopped=
trap 'stopped=1' TERM INT HUP
exec 8>&2 2>/dev/null 9<>exit
boot=$1 folder=$2
shift 2
if [ -r "/proc/$$/stat" ]; then
  take_field_22() { shift 19; start=$1; }
  read -r stat <"/proc/$$/stat"
  take_field_22 \${stat##*') '}
else
  join_words() { start=$*; }
  join_words $(TZ=UTC LC_ALL=C ps -o lstart= -p $$)
fi
( trap '' TERM INT HUP; PATH="/usr/bin:/bin\${PATH:+:$PATH}"; exec ln -sn "$$:$start:$boot" pid ) || exit 125
if [ -n "$stopped" ]; then
  status=143
else
  ( cd "$folder" || exit 126; exec "$@" ) 2>&8 8>&- 9>&-
  status=$?
fi
trap '' TERM INT HUP
printf '%s\\n' "$status" >&9
[ -n "$stopped" ] || kill -s TERM 0
exit "$status"
`;

/**
 * Starts a wrapper for the job in this folder, detached. Whether it is the one that starts the program is known once the
 * folder has its pid link. Rejects when no process can be made.
 */
export async function spawnWrapper(
  folder: string,
  record: JobRecord,
  env: Record<string, string>,
): Promise<StartedProcess> {
  const { stdout, stderr } = jobPaths(folder);
  return startDetached({
    argv: ['/bin/sh', '-c', WRAPPER, 'garland-job', readBootId(), record.cwd, ...record.argv],
    cwd: folder,
    env: { ...env, [JOB_VARIABLE]: folder },
    stdin: record.stdinFile ?? '/dev/null',
    stdout,
    stderr: record.output === 'combined' ? stdout : stderr,
  });
}
