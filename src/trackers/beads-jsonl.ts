import { basename, dirname, isAbsolute, join, normalize } from 'node:path';
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
      const found = isAbsolute(path) ? [] : await findIssues(join(workspace, path));
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
  const entries = lines.flatMap(({ entry }, index) => (entry ? [{ ...entry, line: index + 1 }] : []));
  const unreadable = entries
    .filter(({ issue, unreadablePriority }) => unreadablePriority !== undefined && !states.isTerminal(issue))
    .map(
      ({ issue, unreadablePriority, line }) =>
        `${path}:${line}: the priority of ${issue.id} can't be read (${unreadablePriority}); it counts as 0`,
    );
  const find = (id: string) => lines[positions.get(id) ?? -1]?.entry?.issue;
  return {
    issues: entries.map(({ issue }) => issue),
    warnings: [
      ...limitLines(unreadable),
      ...describeLinks(
        entries.map(({ issue }) => issue),
        find,
        states,
      ),
    ],
  };
}
