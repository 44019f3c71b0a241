import type { RunResult } from '../../src/contract/run.js';
import { addedBy, type BacklogIssue, type TrackedIssue } from '../integration/harness/backlog.js';
import { expectOutcomes, type Expected } from '../integration/harness/expected.js';
import type { Found } from './find-violations.js';
import type { Scene } from './scene.js';

/** What lies in the tracker and on the integration branch belongs together, and is what had to come of it. */
export function checkIssues(scene: Scene, results: readonly RunResult[]): Pick<Found, 'violations' | 'exact'> {
  const { project, round, handEdits } = scene;
  const violations: string[] = [];
  const tracked = project.issues();
  const disturbed = findDisturbed(scene);
  const landed = round.kind === 'worktree' ? project.landed() : [];
  // An abort is no last word on an issue.
  const ends = results.flatMap(({ finished }) => finished.filter(({ outcome }) => outcome !== 'aborted'));
  const outcomes = new Map(ends.map(({ id, outcome }) => [id, outcome]));
  const endedTwice = [...outcomes.keys()].filter((id) => ends.filter((end) => end.id === id).length > 1);
  violations.push(...endedTwice.map((id) => `${id} has come to more than one end`));
  let exact = 0;

  const planned = [...round.issues, ...round.added.filter(({ id }) => tracked.has(id))];
  for (const issue of planned) {
    if (issue.steps === undefined) continue;
    const found = tracked.get(issue.id);
    if (found === undefined) {
      violations.push(`${issue.id} is gone from the tracker`);
      continue;
    }
    const own = landed.filter((subject) => new RegExp(`^${issue.id}(:| )`).test(subject));
    const facts = { found, own, outcome: outcomes.get(issue.id), isRewound: scene.rewound.has(issue.id) };
    violations.push(...checkIssue(facts, round.kind === 'worktree'));
    if (disturbed.has(issue.id)) continue;
    exact += 1;
    violations.push(...checkExpected(facts, expectIssue(issue, tracked, round)));
  }
  violations.push(...checkEpics(round.issues, tracked), ...checkAdded(scene, tracked, disturbed));
  for (const { id, field } of handEdits) {
    if (tracked.get(id)?.[field] === undefined) violations.push(`an edit by hand is lost: ${field} of ${id}`);
  }
  return { violations, exact };
}

interface Facts {
  found: TrackedIssue;
  /** Subjects of its commits on the integration branch. */
  own: string[];
  outcome: string | undefined;
  isRewound: boolean;
}

/** Holds whatever has happened. */
function checkIssue({ found, own, outcome, isRewound }: Facts, worktree: boolean): string[] {
  const { id, status, labels, garland_claim: claim } = found;
  const isClosed = status === 'closed';
  const landedTwice = own.filter((subject, at) => own.indexOf(subject) !== at);
  return [
    ...(isClosed || status === 'open' ? [] : [`${id} is left ${status}`]),
    ...(claim === undefined ? [] : [`${id} is left claimed`]),
    ...landedTwice.map((subject) => `landed twice: ${subject}`),
    ...(!isClosed && own.length > 0 && !isRewound ? [`${id} has landed, and is open`] : []),
    ...(worktree && isClosed && outcome === 'succeeded' && own.length === 0 ? [`${id} is closed, and not landed`] : []),
    ...(isClosed === (outcome === 'succeeded' || outcome === 'no_change')
      ? []
      : [`${id} is ${status}, but ${outcome}`]),
    ...((outcome === 'failed') === labels.includes('needs-followup')
      ? []
      : [`${id} ${outcome}, with ${labels.join()}`]),
  ];
}

function checkExpected({ found, own, outcome }: Facts, expected: Expected | undefined): string[] {
  const { id } = found;
  if (outcome !== expected?.outcome) return [`${id} had to be ${expected?.outcome}, and is ${outcome}`];
  if (expected === undefined || outcome === 'failed') return [];
  const subjects = expected.subjects.toSorted();
  return own.join() === subjects.join() ? [] : [`${id} had to land ${subjects.join()}, and has landed ${own.join()}`];
}

/** Undefined when what blocks it isn't closed. */
function expectIssue(
  { id, steps, blockers = [] }: BacklogIssue,
  tracked: Map<string, TrackedIssue>,
  { maxAttempts, kind }: Scene['round'],
): Expected | undefined {
  if (!blockers.every((blocker) => tracked.get(blocker)?.status === 'closed')) return undefined;
  return expectOutcomes([{ id, steps }], { maxAttempts, worktree: kind === 'worktree' }).get(id);
}

/** Besides what faults know of themselves: an agent that had no end, or not one of its own. */
function findDisturbed({ disturbed, project, round }: Scene): Set<string> {
  const all = new Set(disturbed);
  const slow = new Set(
    round.issues.filter(({ steps }) => steps?.some(({ does }) => /hang|stall/.test(does))).map(({ id }) => id),
  );
  for (const { id, end } of project.agentLog().starts) {
    if (end === undefined || end === 'killed' || end === 'broken' || (end === 'stopped' && !slow.has(id))) all.add(id);
  }
  return all;
}

/** One that has children is closed with the last of them. */
function checkEpics(issues: readonly BacklogIssue[], tracked: Map<string, TrackedIssue>): string[] {
  return issues.flatMap(({ id, type }) => {
    const children = issues.filter(({ parent }) => parent === id);
    if (type !== 'epic' || children.length === 0) return [];
    const isDone = children.every((child) => tracked.get(child.id)?.status === 'closed');
    return isDone === (tracked.get(id)?.status === 'closed') ? [] : [`epic ${id} is ${tracked.get(id)?.status}`];
  });
}

/** Issues that accepted agents have added. */
function checkAdded({ round }: Scene, tracked: Map<string, TrackedIssue>, disturbed: Set<string>): string[] {
  return round.issues.flatMap(({ id, steps }) => {
    const adds = steps?.at(-1)?.does === 'tracker' && !disturbed.has(id) && tracked.get(id)?.status === 'closed';
    return adds && !tracked.has(addedBy(id)) ? [`${id} has added an issue, and it is not there`] : [];
  });
}
