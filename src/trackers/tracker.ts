/** An issue as garland sees it, whatever the tracker. Texts may be missing; lists never are. */
export interface Issue {
  id: string;
  title: string;
  /** The tracker's own word: open, in_progress, blocked, deferred, closed, … */
  status: string;
  /** task, bug, feature, chore, epic, or a custom one. */
  type: string;
  /** Lower is more urgent; absent or unreadable in the tracker is 0. */
  priority: number;
  /** As the tracker wrote it; compare instants, not text. */
  createdAt?: string;
  updatedAt?: string;
  description?: string;
  design?: string;
  acceptanceCriteria?: string;
  notes?: string;
  assignee?: string;
  labels: string[];
  /** Ids of parents over parent-child links. */
  parents: string[];
  /** Ids of the issues that block this one, open or not. */
  blockers: string[];
  /** The run that holds garland's claim on it (see Claim.key), if any. */
  claimedBy?: string;
  url?: string;
}

/** All issues of a tracker, closed ones included, in its own listing order. Never truncated, never partial. */
export interface Listing {
  issues: Issue[];
  /** One line each: unreadable priorities, dangling links, cycles. */
  warnings: string[];
}

/** Who claims: the run. `key` is unique to it; `name` is what people see as assignee. */
export interface Claim {
  key: string;
  name: string;
}

export type ClaimResult = { claimed: true; issue: Issue } | { claimed: false; reason: string };

/** Looked up before it is done, so that doing it again changes nothing. Its key is the method, the issue and the claim's key. */
export type WriteResult = 'done' | 'already' | 'gone';

/**
 * Where issues come from and where their state is kept. Every method reads afresh; a failure of any part is a
 * TrackerError, never a short answer. Writes are idempotent.
 */
export interface Tracker {
  readonly kind: string;
  list(): Promise<Listing>;
  /**
   * Marks the issue in progress for this run. Claiming again with the same key succeeds. Refused, with a reason for a
   * person: gone, closed, blocked by an open issue, claimed by anyone else. `allowInProgress` also takes an issue in
   * progress that nobody else holds (wip_first).
   */
  claim(id: string, claim: Claim, options: { allowInProgress: boolean }): Promise<ClaimResult>;
  /** How many claims may be under way at once. Absent: any number, as where they share one write. */
  readonly claimsAtOnce?: number;
  /** Back to open, the claim gone; adds the label, in the place of another of MARKS, and the note if given. Leaves alone what somebody else closed or claimed meanwhile. */
  release(id: string, claim: Claim, mark?: { label: string; note: string }): Promise<WriteResult>;
  /** Closes it with the reason, and takes the labels of MARKS away. */
  close(id: string, claim: Claim, reason: string): Promise<WriteResult>;
  /**
   * Brings over issues that an agent added in its workspace's copy of the tracker: ids that this tracker lacks. Returns the ids
   * added. `workspace` is the workspace's folder.
   */
  adopt(workspace: string): Promise<string[]>;
  /** Paths, relative to the project's folder, that hold the tracker's own data: neither committed nor landed from a workspace. */
  readonly ownPaths: string[];
}

/** The tracker can't be read or written: where, what, what to do. */
export class TrackerError extends Error {
  override readonly name = 'TrackerError';
  constructor(
    message: string,
    /** True when trying again can't help: the data itself has to be mended. */
    readonly permanent = false,
    /** In milliseconds: it is known that trying again before that can't help. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** On an issue that was given up. */
export const NEEDS_FOLLOWUP = 'needs-followup';
/** On an open issue whose work waits at the remote to be merged. */
export const IN_REVIEW = 'in-review';
/** What garland marks issues with: a mark takes the place of another, and closing takes all away. */
export const MARKS: readonly string[] = [NEEDS_FOLLOWUP, IN_REVIEW];
