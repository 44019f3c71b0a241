import { mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Issue } from '../../src/trackers/tracker.js';
import { makeTemporaryFolder } from '../files/temporary-folder.js';

export const ISSUES = '.beads/issues.jsonl';

/** A project's folder with these lines as its issues, written long ago. */
export function makeProject(content: string | readonly string[] = []): string {
  const project = makeTemporaryFolder();
  mkdirSync(join(project, '.beads'));
  writeIssues(project, content);
  utimesSync(join(project, ISSUES), 1e9, 1e9);
  return project;
}

export const readIssues = (project: string): string => readFileSync(join(project, ISSUES), 'utf8');
export const readLines = (project: string): string[] => readIssues(project).split('\n').slice(0, -1);

/** At once, as most editors do. */
export function writeIssues(project: string, content: string | readonly string[]): void {
  const file = join(project, ISSUES);
  writeFileSync(`${file}~`, typeof content === 'string' ? content : content.map((line) => `${line}\n`).join(''));
  renameSync(`${file}~`, file);
}

/** An issue as beads writes it. */
export function formatIssue({ parents, blockers, claimedBy, type, ...issue }: Issue): string {
  const link = (kind: string) => (id: string) => ({
    issue_id: issue.id,
    depends_on_id: id,
    type: kind,
    created_at: '2025-12-01T00:00:00Z',
    created_by: 'ann',
  });
  return JSON.stringify({
    id: issue.id,
    title: issue.title,
    description: issue.description,
    design: issue.design,
    acceptance_criteria: issue.acceptanceCriteria,
    notes: issue.notes,
    status: issue.status,
    priority: issue.priority,
    issue_type: type,
    assignee: issue.assignee,
    created_at: issue.createdAt ?? '2025-12-01T00:00:00Z',
    updated_at: issue.updatedAt ?? '2025-12-01T00:00:00Z',
    labels: issue.labels.length > 0 ? issue.labels : undefined,
    dependencies: [...parents.map(link('parent-child')), ...blockers.map(link('blocks'))],
    garland_claim: claimedBy === undefined ? undefined : { key: claimedBy },
  });
}
