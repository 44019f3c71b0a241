import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { withFileLock } from '../../../src/files/file-lock.js';

/** What the agent of fixtures/integration/agent.sh does in an attempt. */
export const STEPS = ['files', 'commit', 'red', 'nothing', 'no-change', 'blocked', 'fail', 'stubborn'] as const;

/**
 * What only the chaos rounds ask for. `hang` tells something all the time, `stall` nothing, both never end; `limited` is stopped by
 * a usage limit the first time; `child` leaves a process in the background; `tracker` closes all in its workspace's copy of the
 * tracker and adds an issue there; `deletes` deletes all that is in its workspace.
 */
export const CHAOS_STEPS = [...STEPS, 'hang', 'stall', 'limited', 'child', 'tracker', 'deletes'] as const;
export type StepKind = (typeof CHAOS_STEPS)[number];

/** The issue that an agent adds whose step is `tracker`. */
export const addedBy = (id: string): string => `added-by-${id}`;

export interface Step {
  /** `go`: until the test says so, see Project.letGo. */
  seconds: number | 'go';
  does: StepKind;
}

export interface BacklogIssue {
  id: string;
  type?: string;
  parent?: string;
  blockers?: string[];
  /** One for each attempt; the last one for all that follow. An epic has none. */
  steps?: Step[];
}

export const titleOf = (id: string): string => `Title of ${id}`;

const stamp = '2026-01-01T00:00:00Z';

/** In beads' format, one line each. */
export function formatIssue({ id, type = 'task', parent, blockers = [] }: BacklogIssue): string {
  const link = (to: string, kind: string) => ({ issue_id: id, depends_on_id: to, type: kind, created_at: stamp });
  const dependencies = [
    ...(parent === undefined ? [] : [link(parent, 'parent-child')]),
    ...blockers.map((blocker) => link(blocker, 'blocks')),
  ];
  const times = { created_at: stamp, updated_at: stamp };
  return JSON.stringify({
    id,
    title: titleOf(id),
    status: 'open',
    priority: 2,
    issue_type: type,
    ...times,
    dependencies,
  });
}

/** Issues that are alike, `a-1` to `a-<count>`. */
export function alikeIssues(count: number, step: Step, prefix = 'a'): BacklogIssue[] {
  return Array.from({ length: count }, (_, index) => ({ id: `${prefix}-${index + 1}`, steps: [step] }));
}

export function writeBacklog(dir: string, issues: readonly BacklogIssue[]): void {
  const file = join(dir, '.beads', 'issues.jsonl');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, issues.map((issue) => `${formatIssue(issue)}\n`).join(''));
}

export function writePlans(log: string, issues: readonly BacklogIssue[]): void {
  for (const { id, steps = [] } of issues) {
    const folder = join(log, 'plan', id);
    mkdirSync(folder, { recursive: true });
    const write = (name: string, { seconds, does }: Step) => writeFileSync(join(folder, name), `${seconds} ${does}\n`);
    for (const [index, step] of steps.entries()) write(String(index + 1), step);
    const last = steps.at(-1);
    if (last) write('default', last);
  }
}

const trackedIssueSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  assignee: z.string().optional(),
  labels: z.array(z.string()).default([]),
  notes: z.string().optional(),
  close_reason: z.string().optional(),
  garland_claim: z.unknown().optional(),
});

export type TrackedIssue = z.infer<typeof trackedIssueSchema>;

export function readTracker(dir: string): Map<string, TrackedIssue> {
  const lines = readFileSync(join(dir, '.beads', 'issues.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  return new Map(lines.map((line) => trackedIssueSchema.parse(JSON.parse(line))).map((issue) => [issue.id, issue]));
}

/** Held by whoever of garland's processes writes to the tracker. */
export const trackerLock = (dir: string): string =>
  join(dir, '.garland', 'locks', `${encodeURIComponent('.beads/issues.jsonl')}.lock`);

/** As a person with an editor that minds garland's lock. */
export async function editIssue(dir: string, id: string, change: Partial<TrackedIssue>): Promise<void> {
  const file = join(dir, '.beads', 'issues.jsonl');
  await withFileLock(trackerLock(dir), async () => {
    const issues = [...readTracker(dir).values()].map((issue) => (issue.id === id ? { ...issue, ...change } : issue));
    writeFileSync(`${file}-edited`, issues.map((issue) => `${JSON.stringify(issue)}\n`).join(''));
    renameSync(`${file}-edited`, file);
  });
}
