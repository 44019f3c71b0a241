import type { Issue } from './tracker.js';

/** tracker.active_states and tracker.terminal_states of the configuration. */
export interface StateNames {
  /** @default ['open'] */
  activeStates?: readonly string[];
  /** @default ['closed', 'tombstone'] */
  terminalStates?: readonly string[];
}

export type FindIssue = (id: string) => Issue | undefined;

/** What an issue's status means. Names are compared without regard to case. */
export interface States {
  /** It may be picked up. */
  isActive(issue: Issue): boolean;
  isInProgress(issue: Issue): boolean;
  /** It counts as closed. */
  isTerminal(issue: Issue): boolean;
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
  const active = lowerCased(activeStates);
  const terminal = lowerCased(terminalStates);
  const isTerminal = (issue: Issue): boolean => terminal.has(issue.status.toLowerCase());
  const isInProgress = (issue: Issue): boolean => issue.status.toLowerCase() === IN_PROGRESS;
  return {
    isActive: (issue) => active.has(issue.status.toLowerCase()),
    isInProgress,
    isTerminal,
    openBlockers: (issue, find) =>
      issue.blockers
        .map(find)
        .filter((blocker) => blocker !== undefined)
        .filter((blocker) => !isTerminal(blocker)),
    open: pick(
      'open',
      activeStates.filter((name) => name.toLowerCase() !== IN_PROGRESS),
    ),
    closed: pick('closed', terminalStates),
  };
}

const lowerCased = (names: readonly string[]): ReadonlySet<string> => new Set(names.map((name) => name.toLowerCase()));

const pick = (usual: string, names: readonly string[]): string =>
  lowerCased(names).has(usual) ? usual : (names[0] ?? usual);
