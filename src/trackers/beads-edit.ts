import { z } from 'zod';
import type { Row } from './beads-answers.js';
import type { Editable } from './beads-changes.js';
import { formatClaimLabel, parseClaimLabel, tagOf } from './beads-claim-label.js';
import type { BeadsIssue } from './beads-issue.js';
import type { BeadsProgram } from './beads-program.js';
import type { Claim } from './tracker.js';

export interface RowEdit extends Editable {
  /** The arguments of the commands that make the changes, in this order; none when nothing is to be changed. */
  commands(program: BeadsProgram): string[][];
}

/** What the decisions of beads-changes.ts want written, in the words of the file. */
const changesSchema = z
  .object({
    status: z.string(),
    assignee: z.string(),
    labels: z.array(z.string()),
    notes: z.string(),
    garland_claim: z.object({ key: z.string(), name: z.string() }),
    close_reason: z.string(),
  })
  .partial();
type Changes = z.output<typeof changesSchema>;

/** An issue that is being changed, as `claim` sees it; undefined when it is gone. `linkedStates` are those of the issues that it depends on. */
export function editRow(row: Row | undefined, claim: Claim, linkedStates: ReadonlyMap<string, string>): RowEdit {
  const entry = row && withClaim(row, claim);
  let changes: Changes = {};
  return {
    find: (id) => (id === row?.id ? entry : makeLinked(id, linkedStates.get(id))),
    edit(_id, wanted) {
      // What is to be cleared stays there, undefined.
      const cleared = Object.fromEntries(Object.keys(wanted).map((key) => [key, undefined]));
      changes = { ...cleared, ...changesSchema.parse(wanted) };
      return entry!;
    },
    commands: (program) => (row ? toCommands(row, changes, program) : []),
  };
}

/**
 * A row with the claim that its labels tell. They name who holds it by a tag alone, so the name is one that fits: `own`, or the
 * assignee's. Of several claims (two programs without a guard wrote at the same time) it is one that isn't `own`.
 */
export function withClaim({ entry, claimLabels }: Row, own?: Claim): BeadsIssue {
  const ownLabel = own && formatClaimLabel(own);
  const label = claimLabels.find((other) => other !== ownLabel) ?? claimLabels[0];
  const claim = label === undefined ? undefined : parseClaimLabel(label);
  if (claim === undefined) return entry;
  const names = [own?.name, entry.issue.assignee].filter((name) => name !== undefined && tagOf(name) === claim.tag);
  const claimName = names[0] ?? `garland (${claim.tag})`;
  return { ...entry, issue: { ...entry.issue, claimedBy: claim.key }, claimName };
}

/** As much of another issue as a decision looks at. */
function makeLinked(id: string, status: string | undefined): BeadsIssue | undefined {
  if (status === undefined) return undefined;
  const issue = { id, title: id, status, type: 'task', priority: 0, labels: [], parents: [], blockers: [] };
  return { issue };
}

function toCommands(row: Row, changes: Changes, program: BeadsProgram): string[][] {
  const { status, close_reason: reason } = changes;
  const updates = toUpdate(row, changes, program);
  // The labels go first: they would stay for good if only the closing were done.
  if (reason === undefined)
    return updates.length === 0 ? [] : [['update', ...guard(row, updates, program), ...updates]];
  const rest = updates.filter((option) => status !== 'closed' || !option.startsWith('--status='));
  // Its work has landed, whatever has come to block it meanwhile.
  const close = ['close', `--reason=${reason}`, ...(program.closeFlags.has('--force') ? ['--force'] : [])];
  return [...(rest.length === 0 ? [] : [['update', ...rest]]), ...(status === 'closed' ? [close] : [])];
}

/** One option an argument, so that no text can be taken for another option. */
function toUpdate(row: Row, changes: Changes, { updateFlags }: BeadsProgram): string[] {
  const { issue } = row.entry;
  const options: string[] = [];
  if (changes.status !== undefined) options.push(`--status=${changes.status}`);
  if ('assignee' in changes && changes.assignee !== issue.assignee)
    options.push(`--assignee=${changes.assignee ?? ''}`);
  if (changes.notes !== undefined) options.push(...toNotes(issue.notes, changes.notes, updateFlags));
  const before = [...issue.labels, ...row.claimLabels];
  const claims = changes.garland_claim ? [formatClaimLabel(changes.garland_claim)] : [];
  const after = [...(changes.labels ?? issue.labels), ...('garland_claim' in changes ? claims : row.claimLabels)];
  options.push(...before.filter((label) => !after.includes(label)).map((label) => `--remove-label=${label}`));
  options.push(...after.filter((label) => !before.includes(label)).map((label) => `--add-label=${label}`));
  return options;
}

/** Added rather than written anew where the program can: what somebody else adds meanwhile stays. */
function toNotes(old: string | undefined, notes: string, flags: ReadonlySet<string>): string[] {
  const added = old && notes.startsWith(`${old}\n`) ? notes.slice(old.length + 1) : undefined;
  return [added !== undefined && flags.has('--append-notes') ? `--append-notes=${added}` : `--notes=${notes}`];
}

/**
 * Lets the write do nothing when the issue isn't any more what was looked at, if the program can: br compares when it was
 * changed, bd its state and its assignee.
 */
function guard({ entry: { issue } }: Row, updates: readonly string[], { updateFlags }: BeadsProgram): string[] {
  if (updateFlags.has('--if-unchanged') && issue.updatedAt !== undefined) return [`--if-unchanged=${issue.updatedAt}`];
  const hasField = updates.some((option) => !/^--(add|remove)-label=/.test(option));
  if (!updateFlags.has('--if-status') || !updateFlags.has('--if-assignee') || !hasField) return [];
  return [`--if-status=${issue.status}`, `--if-assignee=${issue.assignee ?? ''}`];
}
