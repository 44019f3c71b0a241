import { claimIssue, type ChangeContext, type Editable } from './beads-changes.js';
import { formatClaimLabel } from './beads-claim-label.js';
import { editRow, withClaim, type RowEdit } from './beads-edit.js';
import { CommandError } from './beads-failure.js';
import { showRow } from './beads-listing.js';
import { askBeads, type BeadsProgram } from './beads-program.js';
import { formatInstant } from './instants.js';
import type { States } from './states.js';
import { TrackerError, type Claim, type ClaimResult } from './tracker.js';

/** Who writes to which issue, and how. */
export interface WriteContext {
  program: BeadsProgram;
  projectDir: string;
  states: States;
  id: string;
  claim: Claim;
}

/** How often a write begins anew because somebody else wrote first. */
const MAX_TRIES = 20;

/** Looks, lets `decide` say what is to be changed, and has it written; all of it anew when somebody else was faster. */
export async function changeIssue<T>(
  context: WriteContext,
  decide: (draft: Editable, context: ChangeContext) => T,
): Promise<T> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const edit = await look(context);
    const result = decide(edit, { states: context.states, at: formatInstant(new Date()) });
    if (await write(context, edit.commands(context.program))) return result;
  }
  throw new TrackerError(`${context.id}: another program writes to it all the time; stop it, or try again later`);
}

/** The claim as it is afterwards. What the program's own rules forbid is a refusal, in its words. */
export async function takeIssue(context: WriteContext, allowInProgress: boolean): Promise<ClaimResult> {
  const { id, claim } = context;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    let result: ClaimResult;
    try {
      result = await changeIssue(context, (draft, change) => claimIssue(draft, id, claim, allowInProgress, change));
    } catch (error) {
      if (error instanceof CommandError && error.kind === 'refused') return refuse(error.message);
      throw error;
    }
    const found = result.claimed ? await lookBack(context) : result;
    if (found) return found;
  }
  return refuse(`${id}: another program takes the claim away again and again`);
}

async function look({ program, projectDir, id, claim }: WriteContext): Promise<RowEdit> {
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
async function write({ program, projectDir, id, claim }: WriteContext, commands: string[][]): Promise<boolean> {
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

/**
 * A program without a guard lets two coordinators on two machines write at the same time. Whoever finds the other's label beside
 * their own gives way: the other one may have looked before. Undefined when the claim is gone again.
 */
async function lookBack(context: WriteContext): Promise<ClaimResult | undefined> {
  const { program, projectDir, id, claim } = context;
  const row = await showRow(program, projectDir, id);
  const label = formatClaimLabel(claim);
  if (!row?.claimLabels.includes(label)) return undefined;
  if (row.claimLabels.length === 1) return { claimed: true, issue: withClaim(row, claim).issue };
  await write(context, [['update', `--remove-label=${label}`]]);
  return refuse(`${id} was claimed by another coordinator at the same moment`);
}

const refuse = (reason: string): ClaimResult => ({ claimed: false, reason });
