import { z } from 'zod';
import { command, days, milliseconds, millisecondsOrOff, text } from './schema-parts.js';

/** The sections of WORKFLOW.md on where work is done, how it is checked and where it goes. See schema.ts. */

// The Symphony specification allows null for a hook.
const hook = z.union([command, z.null().transform(() => undefined)]).optional();
export const workspaceSchema = z
  .strictObject({
    kind: z
      .enum(['worktree', 'directory'])
      .default('worktree')
      .describe('A git worktree for each issue, or the project folder itself.'),
    root: text.default('.garland/workspaces').describe('Where worktrees are made.'),
    copy: z.array(text).default([]).describe('Ignored files that a new workspace needs, as .env.'),
    wip_interval_ms: millisecondsOrOff
      .default(60_000)
      .describe('How often uncommitted work of an agent is kept in a ref of its own. 0: never.'),
    wip_push: text
      .optional()
      .describe(
        'A remote to which that ref is pushed each time, such as origin. Default: none; it is kept here alone.',
      ),
    keep_days: days
      .default(14)
      .describe('How long a workspace whose work has not landed is kept after its last use. 0: for ever.'),
    keep_runs_days: days
      .default(30)
      .describe("How long the records and raw output of a run's agents are kept after its last use. 0: for ever."),
  })
  .prefault({});

const HOOK_TIMEOUT_MS = 60_000;

export const hooksSchema = z
  .strictObject({
    after_create: hook.describe('Run in a new workspace. Its failure fails the attempt.'),
    before_run: hook.describe('Run before each attempt. Its failure fails the attempt.'),
    after_run: hook.describe('Run after each attempt. Its failure is told and ignored.'),
    before_remove: hook.describe('Run before a workspace is removed. Its failure is told and ignored.'),
    timeout_ms: z
      .number()
      .int()
      .max(2_147_483_647)
      .transform((ms) => (ms > 0 ? ms : HOOK_TIMEOUT_MS))
      .prefault(HOOK_TIMEOUT_MS)
      .describe('The longest a hook may run. 0 or less is the default.'),
  })
  .prefault({});

export const gitSchema = z
  .strictObject({
    base: text
      .optional()
      .describe(
        'The branch that the integration branch follows. Default: the branch checked out when the project first ran.',
      ),
    commit: z.boolean().default(true).describe('Commit what an agent left uncommitted.'),
    require_commit: z.boolean().default(true).describe('Work without a commit is not accepted.'),
  })
  .prefault({});

export const verifySchema = z
  .strictObject({
    commands: z
      .array(command)
      .default([])
      .describe('The gate: commands that must pass in the workspace, in this order.'),
    timeout_ms: milliseconds.default(1_800_000).describe('The longest that one command of the gate may run.'),
  })
  .prefault({});

export const landSchema = z
  .strictObject({
    strategy: z
      .enum(['merge', 'branch', 'pr'])
      .default('merge')
      .describe(
        'merge: onto the integration branch. branch: leave the work on its own branch. pr: push that, and open a pull request.',
      ),
    into: text.default('garland/integration').describe('The integration branch.'),
    remote: text.default('origin').describe('pr: the remote of the repository that is pushed to.'),
    repository: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/)
      .meta({ allowed: 'owner/name' })
      .optional()
      .describe("pr: the repository on GitHub. Default: what the remote's address says, if it is on GitHub."),
    endpoint: text
      .optional()
      .describe("pr: GitHub's API. Default: https://api.github.com, or tracker.endpoint of the tracker github."),
    close_when: z
      .enum(['merged', 'pushed'])
      .default('merged')
      .describe('pr: when an issue is closed. merged: once its work is on the base branch there.'),
  })
  .prefault({});
