import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Usage } from '../contract/agents.js';
import { createOnce, hasCode } from '../processes/create-once.js';
import type { AttemptSpec } from './agent.js';
import { readJsonLines } from './json-lines.js';
import { add, NO_USAGE } from './measure-usage.js';

/** One for all of a run, so that a later process finds its thread. */
export const privateHome = ({ runFolder }: AttemptSpec): string => join(runFolder, '.codex');

/** Makes the home of a process, and notes in the process's folder where it is, so that its thread is found afterwards. */
export async function prepareHome(spec: AttemptSpec, isPrivate: boolean): Promise<void> {
  const usual = process.env['CODEX_HOME'] ?? join(homedir(), '.codex');
  if (isPrivate) {
    await mkdir(privateHome(spec), { recursive: true, mode: 0o700 });
    // A link, not a copy: a login that is renewed here is renewed there, and no secret lies in the project.
    await linkOnce(join(usual, 'auth.json'), join(privateHome(spec), 'auth.json'));
  }
  await createOnce(noteIn(spec.folder), isPrivate ? privateHome(spec) : usual);
}

const noteIn = (folder: string): string => join(folder, 'codex-home');

async function linkOnce(target: string, path: string): Promise<void> {
  try {
    await symlink(target, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

const count = z.number().min(0).catch(0);
const usageLine = z.object({
  type: z.literal('token_usage_record'),
  payload: z.object({
    response_id: z.string(),
    usage: z.object({ input_tokens: count, cached_input_tokens: count, output_tokens: count }),
  }),
});

/**
 * What a thread has used, as Codex notes it down with each answer: unlike its count at the end of a turn, this has the last
 * answer to a process that was killed, too. Undefined where there are no such notes.
 */
export async function readThreadUsage(stdoutFile: string, thread: string): Promise<Usage | undefined> {
  const home = await readFile(noteIn(dirname(stdoutFile)), 'utf8').catch(() => undefined);
  if (home === undefined) return undefined;
  const sessions = join(home, 'sessions');
  const files = await readdir(sessions, { recursive: true }).catch(() => []);
  const answers = new Map<string, Usage>();
  for (const file of files.filter((path) => path.endsWith(`-${thread}.jsonl`))) {
    await readJsonLines(join(sessions, file), (line) => {
      const { data } = usageLine.safeParse(line);
      if (data === undefined) return;
      const { input_tokens, cached_input_tokens, output_tokens } = data.payload.usage;
      answers.set(data.payload.response_id, {
        inputTokens: input_tokens,
        cachedInputTokens: cached_input_tokens,
        outputTokens: output_tokens,
        usd: null,
      });
    });
  }
  return answers.size === 0 ? undefined : [...answers.values()].reduce(add, NO_USAGE);
}
