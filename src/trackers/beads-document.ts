import { isUtf8 } from 'node:buffer';
import { readBeadsIssue, type BeadsIssue } from './beads-issue.js';
import { editJsonObject } from './edit-json-object.js';
import { TrackerError } from './tracker.js';

/** The content of `.beads/issues.jsonl`. Not changed once it is read; see `editDocument`. */
export interface BeadsDocument {
  lines: readonly Line[];
  /** Where in `lines` each issue is. */
  positions: ReadonlyMap<string, number>;
}

interface Line {
  /** Without byte order mark and end of line. */
  readonly text: string;
  readonly before: '' | typeof BYTE_ORDER_MARK;
  readonly end: '' | '\n' | '\r\n';
  /** Undefined for a blank line. */
  readonly entry?: BeadsIssue;
}

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Lines that `known` has already are not parsed again.
 *
 * @throws TrackerError, permanent, naming the line that can't be read.
 */
export function parseDocument(bytes: Buffer, name: string, known?: BeadsDocument): BeadsDocument {
  const content = decode(bytes, name);
  const entries = new Map(known?.lines.map(({ text, entry }) => [text, entry]));
  const positions = new Map<string, number>();
  const lines = splitLines(content).map((line, index): Line => {
    if (line.text.trim() === '') return line;
    const entry = entries.get(line.text) ?? parseLine(line.text, `${name}:${index + 1}`);
    const { id } = entry.issue;
    const earlier = positions.get(id);
    if (earlier !== undefined) {
      const where = `${name}:${index + 1}: ${id} is on line ${earlier + 1} already`;
      throw new TrackerError(`${where}; remove one of the two, or give it another id`, true);
    }
    positions.set(id, index);
    return { ...line, entry };
  });
  return { lines, positions };
}

export function formatDocument({ lines }: BeadsDocument): string {
  return lines.map(({ before, text, end }) => before + text + end).join('');
}

/** Replacing what isn't UTF-8, as decoders do, would change lines that nobody asked to be changed. */
function decode(bytes: Buffer, name: string): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let line = 1;
  for (let start = 0; ; line += 1) {
    const end = bytes.indexOf('\n', start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
  }
  throw new TrackerError(`${name}:${line}: not UTF-8; convert the file`, true);
}

function splitLines(content: string): Line[] {
  const pieces = content.split('\n');
  return pieces.map((piece, index) => {
    const before = index === 0 && piece.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
    const isLast = index === pieces.length - 1;
    const hasReturn = !isLast && piece.endsWith('\r');
    return {
      before,
      text: piece.slice(before.length, hasReturn ? -1 : undefined),
      end: isLast ? '' : hasReturn ? '\r\n' : '\n',
    };
  });
}

function parseLine(text: string, where: string): BeadsIssue {
  const read = readBeadsIssue(text);
  if (read.ok) return read.value;
  throw new TrackerError(`${where}: ${read.reason}; mend or remove the line`, true);
}

/** A document that is being changed: what a mutation sees. */
export interface Draft {
  find(id: string): BeadsIssue | undefined;
  /** Sets fields of an issue that is there, or removes those that are undefined. */
  edit(id: string, changes: Readonly<Record<string, unknown>>): BeadsIssue;
  /** Adds an issue's line at the end. The line must be readable and its id new. */
  append(text: string): void;
  /** Undefined when nothing was changed. */
  finish(): BeadsDocument | undefined;
}

export function editDocument(document: BeadsDocument): Draft {
  const lines = [...document.lines];
  let { positions } = document;
  let changed = false;
  const find = (id: string): BeadsIssue | undefined => lines[positions.get(id) ?? -1]?.entry;
  const put = (index: number, line: Line): BeadsIssue => {
    const entry = parseLine(line.text, `line ${index + 1}`);
    lines[index] = { ...line, entry };
    // Thousands, and hardly ever another one: documents share them.
    if (positions.get(entry.issue.id) !== index) positions = new Map(positions).set(entry.issue.id, index);
    changed = true;
    return entry;
  };
  return {
    find,
    edit(id, changes) {
      const index = positions.get(id)!;
      const line = lines[index]!;
      return put(index, { ...line, text: editJsonObject(line.text, changes) });
    },
    append(text) {
      const end = lines[0]?.end || '\n';
      const last = lines.at(-1);
      // What follows the last end of line is a line of its own here: usually empty, and the new one takes its place.
      if (last?.text === '') put(lines.length - 1, { before: last.before, text, end });
      else {
        if (last) lines[lines.length - 1] = { ...last, end };
        put(lines.length, { before: '', text, end });
      }
      lines.push({ before: '', text: '', end: '' });
    },
    finish: () => (changed ? { lines, positions } : undefined),
  };
}
