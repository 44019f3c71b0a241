import { createHash } from 'node:crypto';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { withFileLock } from '../files/file-lock.js';
import { stateDir } from '../files/user-dirs.js';
import { findIssues } from './beads-adopt.js';
import { bringOver } from './beads-bring-over.js';
import { closeIssue, releaseIssue } from './beads-changes.js';
import { withClaim } from './beads-edit.js';
import { listRows } from './beads-listing.js';
import type { BeadsProgram } from './beads-program.js';
import { changeIssue, takeIssue, type WriteContext } from './beads-writes.js';
import { findProgram } from './find-beads-program.js';
import { describeLinks } from './link-warnings.js';
import { compileStates, type StateNames } from './states.js';
import { TrackerError, type Claim, type Tracker } from './tracker.js';

export interface BeadsOptions extends StateNames {
  projectDir: string;
  /** The program's name or path. Default: one that is on PATH and can read the database. */
  command?: string;
}

/** Milliseconds to wait for the turn: every one before may need the whole time of its commands. */
const TURN_MS = 600_000;

/**
 * The tracker over a database of beads, by the commands of bd or br. A claim is beads' own status and assignee, and a label that
 * names the run. Garland's writes on this machine take turns. Anybody else's are met by the program's own guard where it has
 * one, and by a look back at what became of a claim.
 */
export function createBeadsTracker({ projectDir, command, ...stateNames }: BeadsOptions): Tracker {
  const states = compileStates(stateNames);
  let opened: Promise<BeadsProgram> | undefined;

  /** Asked what it is once; again only if that failed. */
  function open(): Promise<BeadsProgram> {
    opened ??= findProgram(projectDir, command).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  }

  async function inTurn<T>(work: (program: BeadsProgram) => Promise<T>): Promise<T> {
    const program = await open();
    try {
      return await withFileLock(lockFileOf(program), () => work(program), { timeoutMs: TURN_MS });
    } catch (error) {
      throw error instanceof UserError ? new TrackerError(error.message) : error;
    }
  }

  const writeInTurn = <T>(id: string, claim: Claim, work: (context: WriteContext) => Promise<T>): Promise<T> =>
    inTurn((program) => work({ program, projectDir, states, id, claim }));

  return {
    kind: 'beads',
    ownPaths: ['.beads'],
    async list() {
      const rows = await listRows(await open(), projectDir);
      const issues = rows.map((row) => withClaim(row).issue);
      const byId = new Map(issues.map((issue) => [issue.id, issue]));
      return { issues, warnings: describeLinks(issues, (id) => byId.get(id), states) };
    },
    claim: (id, claim, { allowInProgress }) => writeInTurn(id, claim, (context) => takeIssue(context, allowInProgress)),
    release: (id, claim, mark) =>
      writeInTurn(id, claim, (context) =>
        changeIssue(context, (draft, change) => releaseIssue(draft, id, claim, mark, change)),
      ),
    close: (id, claim, reason) =>
      writeInTurn(id, claim, (context) =>
        changeIssue(context, (draft, change) => closeIssue(draft, id, reason, change)),
      ),
    async adopt(workspace) {
      const copy = await findCopy(await open(), projectDir, workspace);
      if (copy === undefined) return [];
      return inTurn(async (program) => {
        const known = await listIds(program, projectDir);
        const lacking = await findIssues(copy, (id) => known.has(id));
        if (lacking.length === 0) return [];
        await bringOver(program, projectDir, lacking);
        const after = await listIds(program, projectDir);
        return lacking.map(({ id }) => id).filter((id) => after.has(id));
      });
    },
  };
}

/** Not in the database's folder, which is the user's; and the same one for all projects that share the database. */
function lockFileOf({ folder }: BeadsProgram): string {
  return join(stateDir(), 'locks', `${createHash('sha256').update(folder).digest('hex')}.lock`);
}

/** The workspace's copy of the file that the program writes, if it has one that isn't that file itself. */
async function findCopy(
  { jsonlFile }: BeadsProgram,
  projectDir: string,
  workspace: string,
): Promise<string | undefined> {
  const inside = relative(projectDir, jsonlFile);
  const copy = resolve(workspace, inside);
  if (inside.startsWith('..') || isAbsolute(inside) || copy === resolve(projectDir, inside)) return undefined;
  return (await findIssues(copy, () => false)).length > 0 ? copy : undefined;
}

async function listIds(program: BeadsProgram, projectDir: string): Promise<Set<string>> {
  return new Set((await listRows(program, projectDir)).map(({ id }) => id));
}
