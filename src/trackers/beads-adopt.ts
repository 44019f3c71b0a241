import { lstat, readFile } from 'node:fs/promises';
import { isUtf8 } from 'node:buffer';
import type { Draft } from './beads-document.js';
import { readBeadsIssue } from './beads-issue.js';
import { editJsonObject } from './edit-json-object.js';

/** An issue as an agent wrote it. */
export interface FoundIssue {
  id: string;
  line: string;
}

/** More than this is no list of issues. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * The issues in a workspace's copy of the tracker that aren't known. What an agent left there mustn't stop a run: lines that
 * can't be read are passed over, and so is a file that is missing or isn't a plain one.
 */
export async function findIssues(file: string, isKnown: (id: string) => boolean): Promise<FoundIssue[]> {
  let bytes: Buffer;
  try {
    const stats = await lstat(file);
    if (!stats.isFile() || stats.size > MAX_BYTES) return [];
    bytes = await readFile(file);
  } catch {
    return [];
  }
  return parseIssues(bytes, isKnown);
}

/** Lines that can be read as issues, without those that are known; others are passed over. */
export function parseIssues(bytes: Buffer, isKnown: (id: string) => boolean = () => false): FoundIssue[] {
  return splitBytes(bytes)
    .filter((line) => isUtf8(line))
    .flatMap((line) =>
      readLine(
        line
          .toString('utf8')
          .replace(/^\uFEFF/, '')
          .trim(),
        isKnown,
      ),
    );
}

/** As bytes, so that one line that isn't UTF-8 doesn't spoil the others. */
function splitBytes(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf('\n'); end !== -1; end = bytes.indexOf('\n', start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return [...lines, bytes.subarray(start)];
}

function readLine(line: string, isKnown: (id: string) => boolean): FoundIssue[] {
  const read = readBeadsIssue(line);
  if (!read.ok || isKnown(read.value.issue.id)) return [];
  // The claim of a run belongs to the tracker, where only garland writes it.
  return [{ id: read.value.issue.id, line: editJsonObject(line, { garland_claim: undefined }) }];
}

/** Adds those that the tracker lacks, as the agent wrote them. Returns their ids. */
export function adoptIssues(draft: Draft, found: readonly FoundIssue[]): string[] {
  const added: string[] = [];
  for (const { id, line } of found) {
    if (draft.find(id)) continue;
    draft.append(line);
    added.push(id);
  }
  return added;
}
