import { findDescendants, findParentEpics, indexIssues, isEpic, isEpicBlocked } from './epics.js';
import { hasLabel } from './labels.js';
import { sortIssues, type Order } from './sort.js';
import { compileStates, type StateNames } from './states.js';
import { IN_REVIEW, NEEDS_FOLLOWUP, type Issue, type Listing } from './tracker.js';

export interface SelectOptions extends StateNames {
  /** Only descendants of this issue. */
  epic?: string;
  /** Only these. Empty: no restriction. */
  only: readonly string[];
  order: Order;
  /** Also issues in progress that are nobody else's, and first. */
  wipFirst: boolean;
  /** Only issues without a parent epic. */
  orphansOnly: boolean;
  /** Default: every type but epic, which is never ready. */
  types?: readonly string[];
  /** Only issues that carry all of these, whatever their case and the white space around them. A blank one is carried by none. */
  requiredLabels: readonly string[];
  /** Also issues labelled needs-followup. */
  retryFailed: boolean;
  /** Never offered: failed, refused, active, completed in this run. */
  exclude: ReadonlySet<string>;
  /** Started, finished or failed by this run: no warning when `only` names them. */
  alreadyHandled: ReadonlySet<string>;
  /** An issue in progress that somebody holds, but not somebody else. Issues that nobody holds aren't asked for. */
  isOurs?: (issue: Issue) => boolean;
}

/**
 * What may be started now, in the order in which it should be, and one line for each thing a person should know (the listing's own
 * warnings first). The rules and their numbers: docs/ordering.md.
 */
export function selectReady(listing: Listing, options: SelectOptions): { ready: Issue[]; warnings: string[] } {
  const warnings = [...listing.warnings];
  const states = compileStates(options);
  const byId = indexIssues(listing.issues);
  const find = (id: string): Issue | undefined => byId.get(id);
  const inProgress = (issue: Issue): boolean => states.isInProgress(issue);

  // 1, 2 and 3
  const isWanted = compileWanted(options);
  const mayStart = (issue: Issue): boolean =>
    inProgress(issue)
      ? (options.wipFirst || states.isActive(issue)) && isNobodyElses(issue, options.isOurs)
      : states.isActive(issue);
  const inScope = limitToEpic([...byId.values()], options.epic, byId, warnings);
  const list = inScope.filter(
    (issue) => isWanted(issue) && mayStart(issue) && states.openBlockers(issue, find).length === 0,
  );

  // 4 and 5
  const named = limitToNamed(list, options, warnings);
  const offered = named.filter((issue) => !options.exclude.has(issue.id));

  // 6 and 7
  const parentEpics = findParentEpics(byId);
  const free = offered.filter((issue) => {
    const epic = parentEpics.get(issue.id);
    return epic === undefined || !(options.orphansOnly || isEpicBlocked(epic, states, find));
  });

  // 8
  const sorted = sortIssues(free, options.order, { only: options.only, parentEpics });
  if (!options.wipFirst) return { ready: sorted, warnings };
  return { ready: [...sorted.filter(inProgress), ...sorted.filter((issue) => !inProgress(issue))], warnings };
}

function compileWanted({ types, requiredLabels, retryFailed }: SelectOptions): (issue: Issue) => boolean {
  return (issue) =>
    !isEpic(issue) &&
    (types === undefined || types.includes(issue.type)) &&
    requiredLabels.every((label) => hasLabel(issue.labels, label)) &&
    !hasLabel(issue.labels, IN_REVIEW) &&
    (retryFailed || !hasLabel(issue.labels, NEEDS_FOLLOWUP));
}

function isNobodyElses(issue: Issue, isOurs: SelectOptions['isOurs']): boolean {
  return (issue.claimedBy === undefined && !issue.assignee) || isOurs?.(issue) === true;
}

function limitToEpic(
  issues: Issue[],
  epic: string | undefined,
  byId: ReadonlyMap<string, Issue>,
  warnings: string[],
): Issue[] {
  if (epic === undefined) return issues;
  const descendants = findDescendants(epic, byId);
  if (descendants.size === 0) {
    warnings.push(
      byId.has(epic) ? `epic ${epic} has no children: nothing is ready` : `epic ${epic} is not in the tracker`,
    );
  }
  return issues.filter((issue) => descendants.has(issue.id));
}

function limitToNamed(issues: Issue[], { only, alreadyHandled }: SelectOptions, warnings: string[]): Issue[] {
  if (only.length === 0) return issues;
  const wanted = new Set(only);
  const named = issues.filter((issue) => wanted.has(issue.id));
  const found = new Set(named.map(({ id }) => id));
  const missing = [...wanted].filter((id) => !found.has(id) && !alreadyHandled.has(id));
  if (missing.length > 0) warnings.push(`not ready, though asked for: ${missing.toSorted(compareText).join(', ')}`);
  return named;
}

/** By code unit: the same on every machine, whatever its locale. */
const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
