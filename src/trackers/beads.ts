import { createHash } from 'node:crypto';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { withFileLock } from '../files/file-lock.js';
import { stateDir } from '../files/user-dirs.js';
import { findIssues } from './beads-adopt.js';
import { bringOver } from './beads-bring-over.js';
import { claimIssue, closeIssue, releaseIssue, type ChangeContext, type Editable } from './beads-changes.js';
import { formatClaimLabel } from './beads-claim-label.js';
import { editRow, withClaim } from './beads-edit.js';
import { CommandError } from './beads-failure.js';
import { listRows, showRow } from './beads-listing.js';
import { askBeads, type BeadsProgram } from './beads-program.js';
import { findProgram } from './find-beads-program.js';
import { formatInstant } from './instants.js';
import { describeLinks } from './link-warnings.js';
import { compileStates, type StateNames } from './states.js';
import { TrackerError, type Claim, type ClaimResult, type Tracker } from './tracker.js';

export interface BeadsOptions extends StateNames {
  projectDir: string;
  /** The program's name or path. Default: one that is on PATH and can read the database. */
  command?: string;
}

/** How often a write begins anew because somebody else wrote first. */
const MAX_TRIES = 20;
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

  /** Looks, lets `decide` say what is to be changed, and has it written; all of it anew when somebody else was faster. */
  async function change<T>(
    program: BeadsProgram,
    id: string,
    claim: Claim,
    decide: (draft: Editable, context: ChangeContext) => T,
  ): Promise<T> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const edit = await look(program, id, claim);
      const result = decide(edit, { states, at: formatInstant(new Date()) });
      if (await write(program, id, claim, edit.commands(program))) return result;
    }
    throw new TrackerError(`${id}: another program writes to it all the time; stop it, or try again later`);
  }

  async function look(program: BeadsProgram, id: string, claim: Claim) {
    const row = await showRow(program, projectDir, id);
    const linkedStates = new Map(row?.linkedStates);
    for (const blocker of row?.entry.issue.blockers ?? []) {
      if (linkedStates.has(blocker)) continue;
      const found = await showRow(program, projectDir, blocker);
      if (found) linkedStates.set(blocker, found.entry.issue.status);
    }
    return editRow(row, claim, linkedStates);
  }

  /** False when the issue isn't any more what was looked at. */
  async function write(program: BeadsProgram, id: string, claim: Claim, commands: string[][]): Promise<boolean> {
    try {
      for (const args of commands) {
        await askBeads(program.command, projectDir, [...args, `--actor=${claim.name}`, '--json'], { ids: [id] });
      }
      return true;
    } catch (error) {
      if (error instanceof CommandError && error.kind === 'changed') return false;
      throw error;
    }
  }

  async function claimInTurn(program: BeadsProgram, id: string, claim: Claim, allowInProgress: boolean) {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      let result: ClaimResult;
      try {
        result = await change(program, id, claim, (draft, context) =>
          claimIssue(draft, id, claim, allowInProgress, context),
        );
      } catch (error) {
        if (error instanceof CommandError && error.kind === 'refused') return refuse(error.message);
        throw error;
      }
      const found = result.claimed ? await lookBack(program, id, claim) : result;
      if (found) return found;
    }
    return refuse(`${id}: another program takes the claim away again and again`);
  }

  /**
   * A program without a guard lets two coordinators on two machines write at the same time. Whoever finds the other's label beside
   * their own gives way: the other one may have looked before. Undefined when the claim is gone again.
   */
  async function lookBack(program: BeadsProgram, id: string, claim: Claim): Promise<ClaimResult | undefined> {
    const row = await showRow(program, projectDir, id);
    const label = formatClaimLabel(claim);
    if (!row?.claimLabels.includes(label)) return undefined;
    if (row.claimLabels.length === 1) return { claimed: true, issue: withClaim(row, claim).issue };
    await write(program, id, claim, [['update', `--remove-label=${label}`]]);
    return refuse(`${id} was claimed by another coordinator at the same moment`);
  }

  return {
    kind: 'beads',
    ownPaths: ['.beads'],
    async list() {
      const rows = await listRows(await open(), projectDir);
      const issues = rows.map((row) => withClaim(row).issue);
      const byId = new Map(issues.map((issue) => [issue.id, issue]));
      return { issues, warnings: describeLinks(issues, (id) => byId.get(id), states) };
    },
    claim: (id, claim, { allowInProgress }) => inTurn((program) => claimInTurn(program, id, claim, allowInProgress)),
    release: (id, claim, mark) =>
      inTurn((program) =>
        change(program, id, claim, (draft, context) => releaseIssue(draft, id, claim, mark, context)),
      ),
    close: (id, claim, reason) =>
      inTurn((program) => change(program, id, claim, (draft, context) => closeIssue(draft, id, reason, context))),
    async adopt(workspace) {
      const copy = await findCopy(await open(), workspace);
      if (copy === undefined) return [];
      return inTurn(async (program) => {
        const known = await listIds(program);
        const lacking = await findIssues(copy, (id) => known.has(id));
        if (lacking.length === 0) return [];
        await bringOver(program, projectDir, lacking);
        const after = await listIds(program);
        return lacking.map(({ id }) => id).filter((id) => after.has(id));
      });
    },
  };

  /** The workspace's copy of the file that the program writes, if it has one that isn't that file itself. */
  async function findCopy({ jsonlFile }: BeadsProgram, workspace: string): Promise<string | undefined> {
    const inside = relative(projectDir, jsonlFile);
    const copy = resolve(workspace, inside);
    if (inside.startsWith('..') || isAbsolute(inside) || copy === resolve(projectDir, inside)) return undefined;
    return (await findIssues(copy, () => false)).length > 0 ? copy : undefined;
  }

  async function listIds(program: BeadsProgram): Promise<Set<string>> {
    return new Set((await listRows(program, projectDir)).map(({ id }) => id));
  }
}

const refuse = (reason: string): ClaimResult => ({ claimed: false, reason });

/** Not in the database's folder, which is the user's; and the same one for all projects that share the database. */
function lockFileOf({ folder }: BeadsProgram): string {
  return join(stateDir(), 'locks', `${createHash('sha256').update(folder).digest('hex')}.lock`);
}
