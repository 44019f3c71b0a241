import type { Issue } from './tracker.js';

/** tracker.active_states and tracker.terminal_states of the configuration. */
export interface StateNames {
  /** @default ['open'] */
  activeStates?: readonly string[];
  /** @default ['closed', 'tombstone'] */
  terminalStates?: readonly string[];
}

export type FindIssue = (id: string) => Issue | undefined;

type WithStatus = Pick<Issue, 'status'>;

/** What an issue's status means. Names are compared without regard to case and to white space around them. */
export interface States {
  /** It may be picked up. */
  isActive(issue: WithStatus): boolean;
  isInProgress(issue: WithStatus): boolean;
  /** It counts as closed. */
  isTerminal(issue: WithStatus): boolean;
  /** The issues that it still has to wait for. A link that leads nowhere doesn't block. */
  openBlockers(issue: Issue, find: FindIssue): Issue[];
  /** What is written when an issue goes back to be picked up. */
  readonly open: string;
  /** What is written when an issue is closed. */
  readonly closed: string;
}

export const IN_PROGRESS = 'in_progress';

export function compileStates({
  activeStates = ['open'],
  terminalStates = ['closed', 'tombstone'],
}: StateNames): States {
  const active = normalizeAll(activeStates);
  const terminal = normalizeAll(terminalStates);
  const isTerminal = (issue: WithStatus): boolean => terminal.has(normalize(issue.status));
  const isInProgress = (issue: WithStatus): boolean => normalize(issue.status) === IN_PROGRESS;
  return {
    isActive: (issue) => active.has(normalize(issue.status)),
    isInProgress,
    isTerminal,
    openBlockers: (issue, find) =>
      issue.blockers.flatMap((id) => {
        const blocker = find(id);
        return blocker === undefined || isTerminal(blocker) ? [] : [blocker];
      }),
    open: pick(
      'open',
      activeStates.filter((name) => normalize(name) !== IN_PROGRESS),
    ),
    closed: pick('closed', terminalStates),
  };
}

/** Of beads: a tombstone is kept of it, and nothing is written to that. */
export const isDeleted = (issue: WithStatus): boolean => issue.status === 'tombstone';

const normalize = (name: string): string => name.trim().toLowerCase();

const normalizeAll = (names: readonly string[]): ReadonlySet<string> => new Set(names.map(normalize));

const pick = (usual: string, names: readonly string[]): string =>
  normalizeAll(names).has(usual) ? usual : (names[0]?.trim() ?? usual);
