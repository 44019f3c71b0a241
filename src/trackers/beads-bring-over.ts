import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { atomicWrite } from '../files/atomic-write.js';
import { adoptIssues, type FoundIssue } from './beads-adopt.js';
import { isClaimLabel } from './beads-claim-label.js';
import { editDocument, formatDocument, parseDocument } from './beads-document.js';
import { askBeads, runBeads, type BeadsProgram } from './beads-program.js';
import { editJsonObject } from './edit-json-object.js';

/**
 * Puts issues that the database lacks into it as they are, ids and links included. bd imports a file. br reads its own copy of
 * the issues, to which they are added: done again after a crash in between, they are there once.
 */
export async function bringOver(program: BeadsProgram, cwd: string, issues: readonly FoundIssue[]): Promise<void> {
  const fit = issues.map((issue) => makeFit(issue, new Date().toISOString()));
  if (program.kind === 'bd') return importFile(program, cwd, fit);
  await askBeads(program.command, cwd, ['sync', '--flush-only', '--json']);
  const before = await readFile(program.jsonlFile);
  const added = await addToFile(program.jsonlFile, before, fit);
  const { failure } = await runBeads(program.command, cwd, ['sync', '--import-only', '--json']);
  // What it can't read would keep it from working at all.
  if (failure && (await readFile(program.jsonlFile, 'utf8')) === added) await atomicWrite(program.jsonlFile, before);
}

const lineSchema = z.object({
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
  labels: z.array(z.string()).nullish(),
  dependencies: z.array(z.looseObject({})).nullish(),
});

/** Stamps, which programs insist on, where an agent wrote none; and no claim: that is garland's to write. */
function makeFit({ id, line }: FoundIssue, at: string): FoundIssue {
  const { created_at, updated_at, labels, dependencies } = lineSchema.parse(JSON.parse(line));
  const changes = {
    ...(!created_at && { created_at: at }),
    ...(!updated_at && { updated_at: at }),
    ...(labels?.some(isClaimLabel) && { labels: labels.filter((label) => !isClaimLabel(label)) }),
    ...(dependencies && { dependencies: dependencies.map((link) => ({ issue_id: id, created_at: at, ...link })) }),
  };
  return { id, line: editJsonObject(line, changes) };
}

async function addToFile(file: string, before: Buffer, issues: readonly FoundIssue[]): Promise<string> {
  const draft = editDocument(parseDocument(before, file));
  adoptIssues(draft, issues);
  const changed = formatDocument(draft.finish() ?? parseDocument(before, file));
  await atomicWrite(file, changed);
  return changed;
}

async function importFile({ command }: BeadsProgram, cwd: string, issues: readonly FoundIssue[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'garland-import-'));
  try {
    const file = join(folder, 'issues.jsonl');
    await writeFile(file, issues.map(({ line }) => `${line}\n`).join(''));
    await askBeads(command, cwd, ['import', '-i', file, '--json']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
