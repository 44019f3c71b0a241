import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { IN_REVIEW } from '../../../src/trackers/tracker.js';
import { findProcessesNaming } from './processes.js';
import type { Project } from './project.js';
import { waitFor } from './wait-for.js';

/** No process, lock or temporary file, and no worktree but those of issues that a person should look at. */
export async function expectNothingLeft(project: Project): Promise<void> {
  // The last process of a group may take a moment to go.
  await waitFor('no process is left', () => findProcessesNaming(project.top).length === 0, { within: 5_000 }).catch(
    () => undefined,
  );
  expect(findProcessesNaming(project.top), 'processes').toEqual([]);
  expect(findTemporaryFiles(project), 'locks and temporary files').toEqual([]);
  expect(findWorktrees(project), 'worktrees').toEqual(findKeptWorkspaces(project));
}

/**
 * A kill in the middle of a start may leave the draft of a record in the attempt's folder, where it is in nobody's way. And what
 * an agent's program keeps in a home of its own is its own affair.
 */
const isDraft = (path: string): boolean => /\/\.garland\/runs\/(.+\.tmp$|[^/]+\/\.codex\/)/.test(path);

export function findTemporaryFiles({ dir, top }: Project): string[] {
  const roots = [join(dir, '.garland'), join(dir, '.beads'), join(dir, '.git'), join(top, 'state')];
  return roots
    .filter((root) => existsSync(root))
    .flatMap((root) => readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => join(root, name)))
    .filter((path) => (/\.(lock|steal|tmp)$/.test(path) && !isDraft(path)) || /\/\.garland\/landing(\/|$)/.test(path));
}

/** Ids of issues that have a worktree. */
export function findWorktrees(project: Project): string[] {
  if (project.base === '') return [];
  return project
    .git('worktree', 'list', '--porcelain')
    .split('\n')
    .filter((line) => line.startsWith('branch refs/heads/garland/issue/'))
    .map((line) => line.slice('branch refs/heads/garland/issue/'.length))
    .toSorted();
}

/** Of failed issues, and of what an abort stopped: those that were started, aren't closed and don't wait to be merged. */
export function findKeptWorkspaces(project: Project): string[] {
  if (project.base === '') return [];
  const issues = project.issues();
  const started = new Set(project.agentLog().starts.map(({ id }) => id));
  const isSettled = (id: string): boolean =>
    issues.get(id)?.status === 'closed' || issues.get(id)?.labels?.includes(IN_REVIEW) === true;
  return [...started].filter((id) => !isSettled(id)).toSorted();
}
