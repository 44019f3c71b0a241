import type { Config } from '../config/schema.js';
import type { UnwrittenRecord } from '../settlement/unwritten-record.js';
import type { Issue, Tracker } from '../trackers/tracker.js';
import type { Reviews } from '../reviews/reviews.js';
import type { Workspaces } from '../workspaces/workspaces.js';
import type { KnownRun } from './list-runs.js';

/**
 * Something that a run left behind, and what is done about it.
 * - `clean`: nothing is lost by it. Done at the start of the next run, or by `garland doctor --fix`.
 * - `keep`: kept on purpose, for now.
 * - `person`: garland can't tell, or must not.
 */
export type Leftover = {
  kind: 'process' | 'outcome' | 'claim' | 'workspace' | 'progress' | 'branch' | 'file' | 'run';
  /** Names it: an issue, a ref, a path. */
  what: string;
  /** Why it is one. */
  why: string;
} & (
  | { plan: 'clean'; how: string; /** Returns what was done, one line each. */ clean: () => Promise<string[]> }
  | { plan: 'keep' | 'person'; how: string }
);

/** A project, with what is needed to find out about its runs. */
export interface LeftoversContext {
  dir: string;
  config: Config;
  tracker: Tracker;
  workspaces: Workspaces;
  /** For land.strategy pr: undefined elsewhere. Who leaves it out closes what isn't merged. */
  reviews: Reviews | undefined;
  /** The project's name. */
  project: string;
  /**
   * Whether the run with this first run ID is open. `project` is the name that it had. Rejects when that can't be found out; what is
   * that run's is left alone then.
   */
  isRunGoingOn: (project: string, runId: string) => Promise<boolean>;
  /** Claims of runs that are gone stay: the next run takes such issues as they are. */
  keepsClaims: boolean;
  /** @default the real time */
  now?: () => Date;
}

/** The context with what all finders look at. */
export interface Findings extends LeftoversContext {
  now: () => Date;
  issues: Issue[];
  runs: KnownRun[];
  /** What the tracker could not be told. */
  unwritten: UnwrittenRecord[];
  /** The issue of this name in folders and refs. */
  issueOf: (name: string) => Issue | undefined;
  /** Something works on the issue of this name, or is about to: nothing of it is a leftover. */
  isBusy: (name: string) => boolean;
  isClosed: (issue: Issue) => boolean;
}

export type Find = (findings: Findings) => Promise<Leftover[]>;
