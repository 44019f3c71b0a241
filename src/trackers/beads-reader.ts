import { statSync, type BigIntStats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../processes/create-once.js';
import { parseDocument, type BeadsDocument } from './beads-document.js';
import { TrackerError } from './tracker.js';

export interface BeadsContent {
  document: BeadsDocument;
  /** Of the file on disk: another one when anything was written to it. */
  version: string;
}

export interface BeadsReader {
  /** @throws TrackerError, permanent when a person has to mend the file. */
  read(): Promise<BeadsContent>;
  /** Whether the file on disk is still the one of that version. Synchronous, so that nothing comes between it and what follows. */
  isCurrent(version: string): boolean;
  /** The file was replaced by this; it needn't be read again. */
  remember(document: BeadsDocument, stats: BigIntStats): void;
}

/** An editor may empty a file and then fill it: what was written so recently may be half of it. */
const SETTLED_AFTER_MS = 50;
/** The same for what looks like a half: missing, empty, or with a line that can't be read. */
const BROKEN_AFTER_MS = 250;
/** With a program that never stops writing, what is there then is taken as it is. */
const PATIENCE_MS = 1_000;

/** Reads the file when it has changed since it was read last, and never in the middle of somebody's writing if that can be helped. */
export function createBeadsReader(file: string, name: string): BeadsReader {
  let last: BeadsContent | undefined;

  async function read(): Promise<BeadsContent> {
    const begun = Date.now();
    for (;;) {
      const impatient = Date.now() - begun >= PATIENCE_MS;
      const attempt = await tryRead(last, impatient);
      if (attempt.content) return (last = attempt.content);
      const isBroken = attempt.error !== undefined;
      const age = attempt.writtenAt === undefined ? Date.now() - begun : Date.now() - attempt.writtenAt;
      if (isBroken && (impatient || age < 0 || age >= BROKEN_AFTER_MS)) throw attempt.error;
      await sleep(10);
    }
  }

  async function tryRead(known: BeadsContent | undefined, impatient: boolean): Promise<Attempt> {
    let writtenAt: number | undefined;
    try {
      const before = await stat(file, { bigint: true });
      const version = versionOf(before);
      if (known?.version === version) return { content: known };
      writtenAt = Number(before.mtimeMs);
      const age = Date.now() - writtenAt;
      if (!impatient && age >= 0 && age < SETTLED_AFTER_MS) return { writtenAt };
      const bytes = await readFile(file);
      if (versionOf(await stat(file, { bigint: true })) !== version && !impatient) return { writtenAt };
      // File systems that lie elsewhere can end a read early, after a whole line as well: the rest would seem to be gone.
      if (bytes.length < before.size) throw new Error(`${bytes.length} of its ${before.size} bytes came`);
      const document = parseDocument(bytes, name, known?.document);
      if (bytes.length === 0 && !impatient && age >= 0 && age < BROKEN_AFTER_MS) return { writtenAt };
      return { content: { document, version } };
    } catch (error) {
      return { error: error instanceof TrackerError ? error : describeUnreadable(name, error), writtenAt };
    }
  }

  return {
    read,
    isCurrent: (version) => {
      const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
      return stats !== undefined && versionOf(stats) === version;
    },
    remember: (document, stats) => (last = { document, version: versionOf(stats) }),
  };
}

/** Content; or an error; or neither, when somebody may be writing. */
interface Attempt {
  content?: BeadsContent;
  error?: Error;
  /** Milliseconds since 1970. */
  writtenAt?: number;
}

const versionOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join(':');

function describeUnreadable(name: string, error: unknown): Error {
  if (hasCode(error, 'ENOENT', 'ENOTDIR')) {
    const advice = 'make it with `bd init`, or say in WORKFLOW.md, as tracker.path, where the issues are';
    return new TrackerError(`${name}: there is no such file; ${advice}`, true);
  }
  if (!(error instanceof Error)) return new TrackerError(`${name}: could not be read (${String(error)})`);
  const isForAPerson = hasCode(error, 'EACCES', 'EPERM', 'EISDIR', 'ELOOP');
  return new TrackerError(`${name}: could not be read (${error.message}); check the file`, isForAPerson);
}
