import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatClaimLabel } from '../../src/trackers/beads-claim-label.js';
import type { Issue } from '../../src/trackers/tracker.js';
import { makeTemporaryFolder } from '../files/temporary-folder.js';
import { formatIssue } from './beads-project.js';

/** How the fixture speaks, and what goes wrong; see test/fixtures/trackers/beads-program.mjs. */
export interface FakeBeads {
  dialect?: 'bd' | 'br';
  version?: string;
  /** Whether `update` can be told what it is to expect. */
  guard?: boolean;
  old?: boolean;
  /** Rows in one answer to `list`. */
  page?: number;
  envelope?: boolean;
  /** `show` answers an object. */
  single?: boolean;
  /** What somebody else adds in the moment of a write. */
  alsoLabels?: string[];
  /** By command: what it does instead. */
  trouble?: Record<string, { stdout?: string; stderr?: string; exit?: number; hang?: boolean; encoding?: string }>;
}

const PROGRAM = fileURLToPath(new URL('../fixtures/trackers/beads-program.mjs', import.meta.url));

export interface FakeProject {
  dir: string;
  /** The program, by a name of its own. */
  command: string;
  read: () => Record<string, unknown>[];
  write: (issues: Record<string, unknown>[]) => void;
  set: (fake: FakeBeads) => void;
}

/** A project whose issues the fixture program keeps. */
export function makeFakeProject(issues: Issue[], fake: FakeBeads = {}): FakeProject {
  const dir = makeTemporaryFolder();
  mkdirSync(join(dir, '.beads'));
  mkdirSync(join(dir, 'bin'));
  const command = join(dir, 'bin', 'br');
  symlinkSync(PROGRAM, command);
  writeFileSync(join(dir, '.beads', 'beads.db'), '');
  const store = join(dir, '.beads', 'store.jsonl');
  const set = (settings: FakeBeads): void => writeFileSync(join(dir, '.beads', 'fake.json'), JSON.stringify(settings));
  const write = (rows: Record<string, unknown>[]): void =>
    writeFileSync(store, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const read = () =>
    readFileSync(store, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  set(fake);
  write(issues.map((issue, index) => formatRow(issue, index)));
  return { dir, command, read, write, set };
}

/** As a database has it: made one after the other, its claim a label. */
export function formatRow(issue: Issue, index: number): Record<string, unknown> {
  const { claimedBy, ...rest } = issue;
  const createdAt = new Date(Date.UTC(2025, 11, 1) + index * 1_000).toISOString();
  const claim = claimedBy === undefined ? [] : [formatClaimLabel({ key: claimedBy, name: 'garland/project' })];
  return JSON.parse(
    formatIssue({ ...rest, createdAt: issue.createdAt ?? createdAt, labels: [...issue.labels, ...claim] }),
  ) as Record<string, unknown>;
}
