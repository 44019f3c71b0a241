import { expect } from 'vitest';
import type { Project } from './project.js';

export interface EndState {
  issues: Record<string, { status: string; labels: string[]; claimed: boolean }>;
  landed: string[];
  tree: string;
}

/** What a run has come to, as far as a person cares: the same whatever was killed on the way. */
export function readEndState(project: Project): EndState {
  const issues = [...project.issues()].map(([id, { status, labels, garland_claim }]) => [
    id,
    { status, labels, claimed: garland_claim !== undefined },
  ]);
  return { issues: Object.fromEntries(issues), landed: project.landed(), tree: project.landedWork() };
}

/** No attempt was started twice, and never two at one issue. */
export function expectNothingTwice(project: Project): void {
  const { starts, overlaps } = project.agentLog();
  const attempts = starts.map(({ runId, id, attempt }) => `${runId} ${id} ${attempt}`);
  expect(overlaps, 'two agents for one issue').toEqual([]);
  expect(
    attempts.filter((attempt, index) => attempts.indexOf(attempt) !== index),
    'attempts started twice',
  ).toEqual([]);
}
