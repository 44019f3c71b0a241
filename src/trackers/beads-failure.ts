import { z } from 'zod';
import { hideAndCut } from '../secrets/hide-and-cut.js';
import { TrackerError } from './tracker.js';

/** Why a command of bd or br did nothing. */
export interface CommandReason {
  /** As the program words it, in one line. */
  message: string;
  /**
   * changed: the issue isn't any more what the command was told to expect. refused: the program's rules forbid it, now and when
   * it is tried again. missing: no such issue. mend: a person has to do something first. failed: anything else.
   */
  kind: 'changed' | 'refused' | 'missing' | 'mend' | 'failed';
}

/** br tells what is wrong by a code in JSON, bd by its exit status and in words. */
export function readReason(exitCode: number, stdout: string, stderr: string): CommandReason {
  const told = readJsonError(stdout) ?? readJsonError(stderr);
  const message = told?.message ?? (lastLines(stderr) || lastLines(stdout) || `exit ${exitCode}`);
  return { message: toOneLine(message), kind: kindOf(exitCode, told?.code, message) };
}

/** A command that had to succeed and didn't. */
export class CommandError extends TrackerError {
  readonly kind: CommandReason['kind'];

  constructor(command: string, args: readonly string[], { message, kind }: CommandReason) {
    super(`\`${command} ${args[0]}\`: ${message}`, kind === 'mend');
    this.kind = kind;
  }
}

function kindOf(exitCode: number, code: string | undefined, message: string): CommandReason['kind'] {
  if (code === 'UPDATE_PRECONDITION_FAILED' || exitCode === GUARD_OF_BD) return 'changed';
  if (code !== undefined && /^(ISSUE_NOT_FOUND|AMBIGUOUS_ID|INVALID_ID)$/.test(code)) return 'missing';
  if (code !== undefined && /^(VALIDATION_FAILED|POLICY_VIOLATION|WORKFLOW_CAPACITY_EXCEEDED)$/.test(code))
    return 'refused';
  if (
    code !== undefined &&
    /^(NOT_INITIALIZED|DATABASE_NOT_FOUND|SCHEMA_MISMATCH|CONFLICT_MARKERS|JSONL_PARSE_ERROR)$/.test(code)
  )
    return 'mend';
  if (/already claimed|already assigned|not claimable|is blocked by|blocked issue/i.test(message)) return 'refused';
  if (/no beads (database|workspace)|not initialized|run `?'?b[dr] init/i.test(message)) return 'mend';
  return 'failed';
}

/** `--if-assignee` or `--if-status` didn't hold. */
const GUARD_OF_BD = 13;

/** `{"error": {"code", "message", "hint"}}` of br; `{"error": "…", "failed": [{"error": "…"}]}` of bd. */
const errorSchema = z.object({
  error: z.union([
    z.string(),
    z.object({ code: z.string().nullish(), message: z.string(), hint: z.string().nullish() }),
  ]),
  failed: z.array(z.object({ error: z.string() })).nullish(),
});

function readJsonError(text: string): { code?: string; message: string } | undefined {
  const start = text.indexOf('{');
  if (start === -1) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text.slice(start));
  } catch {
    return undefined;
  }
  const { data } = errorSchema.safeParse(json);
  if (data === undefined) return undefined;
  const { error, failed } = data;
  if (typeof error === 'string') return { message: failed?.[0]?.error ?? error };
  const { code, message, hint } = error;
  return { code: code ?? undefined, message: hint ? `${message} (${hint})` : message };
}

/** What stands last is what it failed of; warnings come before it. */
function lastLines(text: string): string {
  return text.trim().split('\n').slice(-2).join('; ');
}

const toOneLine = (message: string): string => hideAndCut(message.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim(), 600);
