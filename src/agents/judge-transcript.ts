import { readTail } from '../processes/read-tail.js';
import type { AgentReport, RawOutput } from './agent.js';
import { hideAndCut } from '../secrets/hide-and-cut.js';
import { describeStatus } from './exit-status.js';
import { readJsonLines } from './json-lines.js';
import { clampLimitEnd, findLimitEnd } from './limit-end.js';
import { findMarker } from './markers.js';
import { readOutputEnd } from './output-end.js';
import type { Transcript, TranscriptReader } from './transcript.js';

/** Of a shell: there is no such program, or it can't be executed. */
const EXIT_MISSING = 127;
const EXIT_NOT_EXECUTABLE = 126;
const STDERR_BYTES = 4_000;
const MAX_MESSAGE = 2_000;
const MAX_REASON = 300;

/** What a program's words mean. They are looked for in its own words alone, never in what the model says. */
export interface Wording {
  /** As a person calls it. */
  name: string;
  /** The setting that names it, and how it is got. */
  setting: string;
  install: string;
  /** How to log in. */
  login: string;
  limited: RegExp;
  notLoggedIn: RegExp;
  unknownOption: RegExp;
  sessionGone: RegExp;
}

export interface JudgeOptions {
  wording: Wording;
  reader: TranscriptReader;
  now: Date;
}

/**
 * What the output of a program says that tells its story in JSON lines. It has ended well only if its exit status and its own
 * result line say so.
 */
export async function judgeOutput(output: RawOutput, { wording, reader, now }: JudgeOptions): Promise<AgentReport> {
  await readJsonLines(output.stdoutFile, (line) => reader.take(line));
  const transcript = reader.end();
  const stderr = await readTail(output.stderrFile, STDERR_BYTES);
  const report = judge(transcript, { wording, stderr, exitCode: output.exitCode, now });
  // On stdout it speaks to programs alone.
  const said = report.outcome === 'failed' ? await readOutputEnd(output.stderrFile) : undefined;
  return { ...report, ...traceOf(transcript), ...(said !== undefined && { output: said }) };
}

function judge(transcript: Transcript, end: End): AgentReport {
  const { result, lastMessage = '' } = transcript;
  if (result?.ok && (end.exitCode === 0 || end.exitCode === null)) return judgeMessage(lastMessage);
  const marker = findMarker(lastMessage);
  if (marker?.kind === 'BLOCKED') return judgeMessage(lastMessage);
  return judgeFailure(transcript, end);
}

function judgeMessage(lastMessage: string): AgentReport {
  const marker = findMarker(lastMessage);
  if (marker?.kind === 'BLOCKED') return { outcome: 'failed', reason: `blocked: ${marker.reason}`, marker };
  if (marker) return { outcome: 'no_change', reason: marker.reason, marker };
  return { outcome: 'succeeded', reason: 'it ended well' };
}

interface End {
  wording: Wording;
  stderr: string;
  exitCode: number | null;
  now: Date;
}

function judgeFailure({ result, complaint, session, limitedUntil }: Transcript, end: End): AgentReport {
  const { wording, stderr, exitCode, now } = end;
  const status = describeStatus(exitCode);
  // A program that has begun a session tells what is wrong there; on stderr there may be anything.
  const words = [result?.ok ? '' : result?.text, complaint, session === undefined ? stderr : ''].join('\n');
  const said = firstLine(result?.ok ? '' : result?.text) || firstLine(complaint) || findError(stderr);
  const reason = hideAndCut(said === '' ? status : said, MAX_REASON);

  if (exitCode === EXIT_MISSING && session === undefined) {
    return unusable(`${wording.setting}: there is no program ${wording.name}. ${wording.install}`);
  }
  // The wrapper ends so, too, when there is no workspace to go to.
  if (exitCode === EXIT_NOT_EXECUTABLE && session === undefined && !/\bcd:/.test(stderr)) {
    return unusable(`${wording.setting}: ${wording.name} can't be executed: ${reason}. ${wording.install}`);
  }
  // What it complained of before somebody killed it is not why it ended.
  if (result === undefined && exitCode !== null && exitCode > 128) return failed(`${status} without its result`);
  if (wording.sessionGone.test(words)) return { outcome: 'failed', reason, sessionGone: true };
  if (limitedUntil !== undefined || wording.limited.test(words)) {
    const until = limitedUntil ? clampLimitEnd(limitedUntil, now) : findLimitEnd(words, now);
    return { outcome: 'limited', reason, limitedUntil: until.toISOString() };
  }
  if (wording.notLoggedIn.test(words)) return unusable(`${wording.name} can't work: ${reason}. ${wording.login}`);
  if (session === undefined && wording.unknownOption.test(stderr)) {
    return unusable(`${wording.name} doesn't know what it is asked: ${reason}. Update it, or look at its args`);
  }
  if (result?.ok) return failed(`${status} after its result`);
  if (result) return failed(reason);
  if (exitCode === 0) return failed('exit 0 without its result');
  return failed(hideAndCut(said === '' ? `${status} without its result` : `${status}: ${said}`, MAX_REASON));
}

const failed = (reason: string): AgentReport => ({ outcome: 'failed', reason });
const unusable = (reason: string): AgentReport => ({ outcome: 'failed', reason, unusable: true });

function traceOf({ session, isSpent = false, own, counted, lastMessage }: Transcript): Partial<AgentReport> {
  return {
    ...(session !== undefined && { session, resumable: !isSpent }),
    ...(own && { own }),
    ...(counted && { counted }),
    ...(lastMessage !== undefined && lastMessage !== '' && { lastMessage: hideAndCut(lastMessage, MAX_MESSAGE) }),
  };
}

function firstLine(text = ''): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}

/** The line that calls itself an error, else the last one. */
function findError(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /^error\b/i.test(line)) ?? lines.at(-1) ?? '').trim();
}
