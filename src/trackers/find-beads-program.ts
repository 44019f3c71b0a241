import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from './beads-answers.js';
import { findDatabase } from './beads-database.js';
import { CommandError } from './beads-failure.js';
import { askBeads, isOnPath, runBeads, type BeadsProgram } from './beads-program.js';
import { TrackerError } from './tracker.js';

/**
 * The program that keeps a project's issues, and what it is. With `command` it alone is tried; else that one of those on PATH
 * which can read the database.
 *
 * @throws TrackerError when there is none, or it can't be worked with.
 */
export async function findProgram(projectDir: string, command?: string): Promise<BeadsProgram> {
  const chosen = command ?? (await chooseCommand(projectDir));
  const told = await askBeads(chosen, projectDir, ['version']);
  // Whatever its file is called: one is often an alias for the other.
  const [, kind, version = ''] = /^(bd|br) (?:version )?v?(\d+\.\d+\.\d+\S*)/m.exec(told) ?? [];
  if (kind !== 'bd' && kind !== 'br') {
    throw new TrackerError(
      `\`${chosen} version\` answered ${JSON.stringify(told.trim().slice(0, 100))}: that is neither bd nor br`,
      true,
    );
  }
  const updateFlags = await askFlags(chosen, projectDir, 'update');
  const closeFlags = await askFlags(chosen, projectDir, 'close');
  const lacks = NEEDED.filter((flag) => !updateFlags.has(flag));
  if (lacks.length > 0) {
    throw new TrackerError(
      `${chosen} is ${kind} ${version}, which is too old: its \`update\` has no ${lacks.join(', ')}; get a newer one`,
      true,
    );
  }
  return { command: chosen, kind, version, updateFlags, closeFlags, ...(await askWhere(chosen, projectDir)) };
}

const NEEDED = ['--status', '--assignee', '--add-label', '--remove-label', '--notes'];

/** Undefined when none of those that could be asked is there. */
export async function chooseCommand(projectDir: string): Promise<string> {
  const database = await findDatabase(join(projectDir, '.beads'));
  // Both read SQLite, but a newer bd would rather make a database of its own beside it.
  const candidates = database?.kind === 'dolt' ? ['bd'] : ['br', 'bd'];
  const found = candidates.find(isOnPath);
  if (found !== undefined) return found;
  throw new TrackerError(
    `there is no ${candidates.join(' or ')} on PATH: install it (br is \`cargo install beads_rust\`), or name it in WORKFLOW.md as tracker.provider.command`,
    true,
  );
}

async function askFlags(command: string, projectDir: string, of: string): Promise<ReadonlySet<string>> {
  return new Set((await askBeads(command, projectDir, [of, '--help'])).match(/--[a-z][a-z-]+/g));
}

const whereSchema = z.looseObject({ path: z.string(), jsonl_path: z.string().optional() });

async function askWhere(command: string, projectDir: string): Promise<Pick<BeadsProgram, 'folder' | 'jsonlFile'>> {
  const { stdout, failure } = await runBeads(command, projectDir, ['where', '--json']);
  if (failure?.kind === 'mend') throw new CommandError(command, ['where'], failure);
  // Versions that don't know the command know no other place either.
  const told = failure ? undefined : whereSchema.safeParse(parseJson(stdout, `\`${command} where\``)).data;
  const path = told?.path ?? join(projectDir, '.beads');
  const folder = await realpath(path).catch(() => path);
  return { folder, jsonlFile: told?.jsonl_path ?? join(folder, 'issues.jsonl') };
}
