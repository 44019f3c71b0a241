import { basename, dirname, isAbsolute, normalize, resolve } from 'node:path';
import { adoptIssues, findIssues } from './beads-adopt.js';
import { claimIssue, closeIssue, releaseIssue, type ChangeContext } from './beads-changes.js';
import type { BeadsDocument } from './beads-document.js';
import { createBeadsStore } from './beads-store.js';
import { formatInstant } from './instants.js';
import { describeLinks, limitLines } from './link-warnings.js';
import { compileStates, type StateNames, type States } from './states.js';
import type { Listing, Tracker } from './tracker.js';

export interface BeadsJsonlOptions extends StateNames {
  projectDir: string;
  /** The file, relative to the project's folder. */
  path: string;
  now?: () => Date;
}

/**
 * The tracker over a file in beads' JSONL format, one issue a line. Keep one for each project and process: what is asked
 * of it at the same time shares one rewrite of the file.
 *
 * A claim is stored as beads' own status and assignee, and in a field of garland's own, `garland_claim`, that names the run.
 */
export function createBeadsJsonlTracker(options: BeadsJsonlOptions): Tracker {
  const { projectDir, path, now = () => new Date() } = options;
  const states = compileStates(options);
  const store = createBeadsStore(projectDir, path);
  const context = (): ChangeContext => ({ states, at: formatInstant(now()) });
  let last: { document: BeadsDocument; listing: Listing } | undefined;

  return {
    kind: 'beads-jsonl',
    ownPaths: findOwnPaths(path),
    async list() {
      const document = await store.read();
      if (last?.document !== document) last = { document, listing: listIssues(document, path, states) };
      return { issues: [...last.listing.issues], warnings: [...last.listing.warnings] };
    },
    claim: (id, claim, { allowInProgress }) =>
      store.mutate((draft) => claimIssue(draft, id, claim, allowInProgress, context())),
    release: (id, claim, mark) => store.mutate((draft) => releaseIssue(draft, id, claim, mark, context())),
    close: (id, _claim, reason) => store.mutate((draft) => closeIssue(draft, id, reason, context())),
    async adopt(workspace) {
      const copy = resolve(workspace, path);
      if (copy === resolve(projectDir, path)) return [];
      const { positions } = await store.read();
      const found = await findIssues(copy, (id) => positions.has(id));
      return found.length === 0 ? [] : store.mutate((draft) => adoptIssues(draft, found));
    },
  };
}

/** The whole folder, because beads keeps more there; but never the project itself, nor anything outside. */
function findOwnPaths(path: string): string[] {
  const file = normalize(path);
  if (isAbsolute(file) || file.startsWith('..')) return [];
  return [dirname(file) === '.' ? basename(file) : dirname(file)];
}

function listIssues({ lines, positions }: BeadsDocument, path: string, states: States): Listing {
  const issues = lines.flatMap(({ entry }) => (entry ? [entry.issue] : []));
  const unreadable = lines.flatMap(({ entry }, index) => {
    if (entry?.unreadablePriority === undefined || states.isTerminal(entry.issue)) return [];
    const found = `the priority of ${entry.issue.id} can't be read (${entry.unreadablePriority})`;
    return [`${path}:${index + 1}: ${found}; it counts as 0`];
  });
  const find = (id: string) => lines[positions.get(id) ?? -1]?.entry?.issue;
  return { issues, warnings: [...limitLines(unreadable), ...describeLinks(issues, find, states)] };
}
