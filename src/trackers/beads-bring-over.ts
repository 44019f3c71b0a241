import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atomicWrite } from '../files/atomic-write.js';
import { adoptIssues, type FoundIssue } from './beads-adopt.js';
import { isClaimLabel } from './beads-claim-label.js';
import { editDocument, formatDocument, parseDocument } from './beads-document.js';
import { readBeadsIssue } from './beads-issue.js';
import { askBeads, type BeadsProgram } from './beads-program.js';
import { editJsonObject } from './edit-json-object.js';

/**
 * Puts issues that the database lacks into it as they are, ids and links included. bd imports a file. br reads its own copy of
 * the issues, to which they are added: done again after a crash in between, they are there once.
 */
export async function bringOver(program: BeadsProgram, cwd: string, issues: readonly FoundIssue[]): Promise<void> {
  const plain = issues.map(withoutClaims);
  if (program.kind === 'bd') return importFile(program, cwd, plain);
  await askBeads(program.command, cwd, ['sync', '--flush-only', '--json']);
  await addToFile(program.jsonlFile, plain);
  await askBeads(program.command, cwd, ['sync', '--import-only', '--json']);
}

/** The claim of a run is garland's to write, whatever an agent's copy says. */
function withoutClaims({ id, line }: FoundIssue): FoundIssue {
  const read = readBeadsIssue(line);
  const labels = read.ok ? read.value.issue.labels : [];
  if (!labels.some(isClaimLabel)) return { id, line };
  return { id, line: editJsonObject(line, { labels: labels.filter((label) => !isClaimLabel(label)) }) };
}

async function addToFile(file: string, issues: readonly FoundIssue[]): Promise<void> {
  const draft = editDocument(parseDocument(await readFile(file), file));
  adoptIssues(draft, issues);
  const changed = draft.finish();
  if (changed) await atomicWrite(file, formatDocument(changed));
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
