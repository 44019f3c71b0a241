import { UserError } from '../errors.js';
import { readTail } from '../processes/read-tail.js';
import type { Agent, AgentReport } from './agent.js';
import { hideAndCut } from '../secrets/hide-and-cut.js';
import { describeStatus } from './exit-status.js';
import { readLimit } from './limit.js';
import { findMarker } from './markers.js';
import { readOutputEnd } from './output-end.js';

/** Of sysexits.h, EX_TEMPFAIL: try again later. */
const EXIT_LIMITED = 75;
/** How much of the output is searched for its last line. */
const TAIL_BYTES = 64 * 1024;
const MAX_MESSAGE = 2_000;
const MAX_REASON = 300;

/**
 * Any command, through `sh -c`, the prompt on stdin. Its exit status decides; the last line of its stdout that isn't empty is
 * its last message, which may be a marker (see markers.ts). Exit 75 and `GARLAND: LIMITED <ISO time> reason` as that line:
 * a usage limit.
 *
 * @throws UserError without a command.
 */
export function createShellAgent(command: string | undefined, { now = () => new Date() } = {}): Agent {
  if (command === undefined || command.trim() === '') {
    throw new UserError(
      "agent.command: nothing is set, and an agent of kind shell needs a command; set agent.command in WORKFLOW.md, or pass --agent 'COMMAND'",
    );
  }
  return {
    kind: 'shell',
    label: 'sh',
    hasSessions: false,
    launch: () => ({ argv: ['/bin/sh', '-c', command], env: {}, passEnv: [] }),
    async interpret({ stdoutFile, stderrFile, exitCode, endedAt = now() }) {
      const lastLine = await readLastLine(stdoutFile);
      const report = judge(exitCode, lastLine, await readLastLine(stderrFile), endedAt);
      const output = report.outcome === 'failed' ? await readOutputEnd(stdoutFile, stderrFile) : undefined;
      return {
        ...report,
        ...(lastLine !== '' && { lastMessage: hideAndCut(lastLine, MAX_MESSAGE) }),
        ...(output !== undefined && { output }),
      };
    },
  };
}

/** A marker counts only after exit 0: whatever a program prints that fails is no judgement. But "blocked" is a failure anyway. */
function judge(exitCode: number | null, lastLine: string, lastError: string, now: Date): AgentReport {
  const marker = findMarker(lastLine);
  if (marker?.kind === 'BLOCKED') return { outcome: 'failed', reason: `blocked: ${marker.reason}`, marker };
  if (exitCode === 0) {
    return marker
      ? { outcome: 'no_change', reason: marker.reason, marker }
      : { outcome: 'succeeded', reason: 'exit 0' };
  }
  const limit = exitCode === EXIT_LIMITED ? readLimit(lastLine, now) : undefined;
  if (limit) return limit;
  const status = describeStatus(exitCode);
  const detail = lastError || lastLine;
  return { outcome: 'failed', reason: hideAndCut(detail === '' ? status : `${status}: ${detail}`, MAX_REASON) };
}

async function readLastLine(path: string): Promise<string> {
  const text = await readTail(path, TAIL_BYTES);
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
