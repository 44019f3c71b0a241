import type { Activities } from '../src/contract/activities.js';
import { createFetchReadyIssues } from './fetch-ready-issues.js';
import { createFinalizeIssue } from './finalize-issue.js';
import { createPrepareRun } from './prepare-run.js';
import { createProjects } from './projects.js';
import { createRunAgent } from './run-agent.js';
import { createVerifyWork } from './verify-work.js';

/** The effects that activities need from outside; everything else they find in the project's folder. */
export interface ActivityDependencies {
  /** Whether the run with this first run ID is still open on the server. Rejects when that can't be found out. */
  isRunGoingOn: (project: string, runId: string) => Promise<boolean>;
}

export function createActivities(dependencies: ActivityDependencies): Activities {
  const projects = createProjects();
  return {
    prepareRun: createPrepareRun(projects, dependencies),
    fetchReadyIssues: createFetchReadyIssues(projects),
    runAgent: createRunAgent(projects, dependencies),
    verifyWork: createVerifyWork(projects, dependencies),
    finalizeIssue: createFinalizeIssue(projects),
  };
}
