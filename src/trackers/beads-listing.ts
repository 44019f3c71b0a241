import { readPage, readShown, type Row } from './beads-answers.js';
import { CommandError } from './beads-failure.js';
import { askBeads, runBeads, type BeadsProgram } from './beads-program.js';
import { readInstant } from './instants.js';
import { TrackerError } from './tracker.js';

/** How often a list is begun anew because somebody changed it while its parts were read. */
const MAX_TRIES = 5;
/** Issues in one command: well below what a system passes on, and what a program does in its time. */
const CHUNK = 100;

/**
 * Every issue of the database, closed ones included, with its links, the oldest first: an order that no write changes.
 *
 * @throws TrackerError when a part of it can't be had.
 */
export async function listRows(program: BeadsProgram, cwd: string): Promise<Row[]> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const rows = await readPages(program, cwd);
    const whole = rows && (await addLinks(program, cwd, rows));
    if (whole) return sortByAge(whole);
  }
  throw new TrackerError(`\`${program.command} list\`: its issues change faster than all of them can be read`);
}

/** The issue as it is now. Undefined when there is none of this id: programs also take a part of an id for the whole. */
export async function showRow(program: BeadsProgram, cwd: string, id: string): Promise<Row | undefined> {
  const { stdout, failure } = await runBeads(program.command, cwd, ['show', '--json'], { ids: [id] });
  const found = failure ? undefined : readShown(stdout, `\`${program.command} show\``).find((row) => row.id === id);
  if (found || failure?.kind === 'missing' || id.trim() === '') return found;
  // Not in whatever words a version has for it: what isn't listed isn't there.
  const isListed = (await readPages(program, cwd))?.some((row) => row.id === id) ?? true;
  if (!isListed) return undefined;
  throw failure
    ? new CommandError(program.command, ['show'], failure)
    : new TrackerError(`\`${program.command} show\` did not answer for ${id}, which is listed`);
}

/** Undefined when the pages don't fit together. */
async function readPages({ command }: BeadsProgram, cwd: string): Promise<Row[] | undefined> {
  const rows = new Map<string, Row>();
  let count = 0;
  for (;;) {
    const offset = count > 0 ? [`--offset=${count}`] : [];
    const answer = await askBeads(command, cwd, ['list', '--all', '--json', '--limit=0', ...offset]);
    const page = readPage(answer, `\`${command} list\``);
    for (const row of page.rows) rows.set(row.id, row);
    count += page.rows.length;
    if (rows.size !== count || (page.hasMore && page.rows.length === 0)) return undefined;
    if (!page.hasMore) return page.total === undefined || page.total === count ? [...rows.values()] : undefined;
  }
}

/** bd lists an issue with its links; br tells only how many there are. Undefined when an issue vanished meanwhile. */
async function addLinks(program: BeadsProgram, cwd: string, rows: Row[]): Promise<Row[] | undefined> {
  if (rows.some(({ hasLinks }) => hasLinks)) return rows;
  // bd's count leaves out parents.
  const isLinked = (row: Row): boolean => program.kind === 'bd' || row.linkCount !== 0;
  const ids = rows.filter(isLinked).map(({ id }) => id);
  const shown = new Map<string, Row>();
  for (let start = 0; start < ids.length; start += CHUNK) {
    const chunk = ids.slice(start, start + CHUNK);
    const { stdout, failure } = await runBeads(program.command, cwd, ['show', '--json'], { ids: chunk });
    if (failure?.kind === 'missing') return undefined;
    if (failure) throw new CommandError(program.command, ['show'], failure);
    for (const row of readShown(stdout, `\`${program.command} show\``)) shown.set(row.id, row);
    if (!chunk.every((id) => shown.has(id))) return undefined;
  }
  return rows.map((row) => shown.get(row.id) ?? row);
}

/** Full ties keep the order of the program's own list. */
function sortByAge(rows: Row[]): Row[] {
  const aged = rows.map((row) => ({ row, createdAt: readInstant(row.entry.issue.createdAt) ?? 0n }));
  aged.sort((one, other) => (one.createdAt < other.createdAt ? -1 : one.createdAt > other.createdAt ? 1 : 0));
  return aged.map(({ row }) => row);
}
