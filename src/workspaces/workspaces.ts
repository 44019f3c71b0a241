import type { Verdict } from '../contract/outcomes.js';

/** Which work: its issue, for names and commit messages. */
export interface WorkRef {
  issueId: string;
  issueTitle: string;
}

/** Where a run's work goes. Null in a directory workspace: nothing to commit or land. */
export interface Integration {
  /** land.into */
  branch: string;
  /** git.base, as it was resolved when the project first ran. */
  base: string;
}

/** What a hook or a gate's command sees besides the common environment (GARLAND_ISSUE_ID and the like). */
export type HookEnvironment = Record<string, string>;

export interface VerifyOptions {
  /** Where the gate's output and job records go: the attempt's folder. */
  directory: string;
  env: HookEnvironment;
  /** The agent said that nothing is to be done: no commit is required. */
  noChange: boolean;
  /** Aborted: stop the gate, land nothing. A landing that has begun to swap the ref is finished. */
  signal: AbortSignal;
}

/** What there is of an issue's work. */
export interface KeptWork {
  /** The issue's name in folders and refs, see `safeName`. */
  name: string;
  workspace?: { folder: string; usedAt: Date };
  branch?: {
    name: string;
    commit: string;
    /** The integration branch holds it. */
    landed: boolean;
    checkedOut: boolean;
  };
  /** What `keepProgress` kept. */
  progress?: { commit: string; keptAt: Date };
  /** It can't be looked at: one line for a person. */
  problem?: string;
}

/** For cleaning up, see docs/leftovers.md. Only for issues that nothing works on. */
export interface KeptWorks {
  list(): Promise<KeptWork[]>;
  /** Whether all that its workspace, or what was kept of it, holds is on the integration branch, or on its own for land.strategy branch. */
  isLanded(name: string): Promise<boolean>;
  /** before_remove, then workspace, kept progress and landed branch go, if all of it has landed. Returns what a person should be told; undefined: it hasn't landed, and stays. */
  remove(name: string, env: HookEnvironment): Promise<string[] | undefined>;
  /**
   * Only the folder goes: its branch stays, and what is uncommitted is kept as `keepProgress` does. Returns what a person should be told;
   * undefined when it was used after `usedAt`, and stays.
   */
  shelve(name: string, usedAt: Date, env: HookEnvironment): Promise<string[] | undefined>;
  /** Kept progress goes, unless it is another than this by now. */
  dropProgress(name: string, commit: string): Promise<void>;
  /** The branch goes, unless it hasn't landed or is checked out. */
  dropBranch(name: string): Promise<void>;
  /** The folder in which work was landed when that was killed; undefined when there is none, or somebody lands. */
  findDeadLanding(): Promise<string | undefined>;
  /** @throws when somebody lands by now */
  dropDeadLanding(): Promise<void>;
}

/** land.strategy pr: the issues' branches at the remote, and the branch there that they are for. */
export interface RemoteBranches {
  /** @throws UserError when there is no such remote, it can't be read or isn't to be written to by garland */
  check(): Promise<void>;
  /** `address` is the remote's, without a password in it; `base` the branch there. */
  describe(): Promise<{ remote: string; address: string; base: string }>;
  /** Reads the base branch afresh: new workspaces start from there. */
  refresh(): Promise<unknown>;
  /** Of the same name here and there. */
  branchOf(issueId: string): string;
  /** Reads back whether the issue's branch there is at this commit, or the base branch holds it. */
  holds(issueId: string, commit: string): Promise<boolean>;
  /** Whether the base branch holds what was pushed for the issue. */
  isMerged(issueId: string): Promise<boolean>;
  /** The issue's branch here goes, unless it holds more than was pushed; so does what garland has noted about it. */
  forget(issueId: string): Promise<void>;
}

/** The places in which agents work, and the way of their work home. One implementation for each workspace.kind. */
export interface Workspaces {
  readonly kind: 'worktree' | 'directory';
  readonly kept: KeptWorks;
  /** Undefined but for land.strategy pr. */
  readonly remote?: RemoteBranches;
  /** The folder for an issue; made by `ensure`. */
  path(issueId: string): string;
  /**
   * At the start of a run: checks that the repository can be worked with, and makes, fast-forwards or merges the
   * integration branch. A conflict, or anything else a person must mend, is a UserError; nothing has changed then.
   */
  prepareRun(): Promise<Integration | null>;
  /**
   * Makes the workspace (after_create included) or finds the kept one again. One that is gone is made from what `keepProgress`
   * kept; `notes` says so, or why it can't be. A UserError says why there is no workspace.
   */
  ensure(
    work: WorkRef,
    env: HookEnvironment,
    directory: string,
    signal: AbortSignal,
  ): Promise<{ path: string; baseBranch: string; notes: string[] }>;
  /** before_run | after_run in the workspace. Throws a UserError when it fails or times out. */
  runHook(
    hook: 'before_run' | 'after_run',
    work: WorkRef,
    env: HookEnvironment,
    directory: string,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Keeps what isn't committed, as it is now, while an agent works there: its index, HEAD and files aren't touched. Returns what a
   * person should be told, one line each.
   */
  keepProgress(work: WorkRef, signal: AbortSignal): Promise<string[]>;
  /** workspace.wip_push: brings what was kept to the remote. Throws a UserError when the remote doesn't take it. */
  pushProgress(work: WorkRef, signal: AbortSignal): Promise<void>;
  /** Commits what is left, requires a commit, runs the gate, lands. Doing it again after a crash finds what is done already. */
  verify(work: WorkRef, options: VerifyOptions): Promise<Verdict>;
  /** Reads back whether the integration branch (or the issue's own, for land.strategy branch, and the one at the remote for pr) holds the commit. */
  holds(work: WorkRef, commit: string): Promise<boolean>;
  /** before_remove, then the worktree goes; its branch too once it has landed. Idempotent. Returns what a person should be told, a line each. */
  remove(work: WorkRef, env: HookEnvironment, directory: string): Promise<string[]>;
}
