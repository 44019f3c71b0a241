import { Context } from '@temporalio/activity';
import type { Activities } from '../src/contract/activities.js';
import type { Verdict } from '../src/contract/outcomes.js';
import { UserError } from '../src/errors.js';
import { LeftRunning } from '../src/processes/interruption.js';
import type { ActivityDependencies } from './index.js';
import { folderOf, issueEnvironment } from './issue-environment.js';
import type { Projects } from './projects.js';
import { stopSignal } from './stop-signal.js';

/** Verifies and lands. A gate outlives the worker like an agent does, and a landing is found again after a crash. */
export function createVerifyWork(projects: Projects, { isRunGoingOn }: ActivityDependencies): Activities['verifyWork'] {
  return async function verifyWork(request): Promise<Verdict> {
    const { run, issueId, issueTitle, noChange, settle } = request;
    const { dir, workspaces } = await projects.open(run);
    const directory = folderOf(dir, request);
    const env = issueEnvironment(request, workspaces.path(issueId));
    const signal = stopSignal(Context.current(), { settle, isRunGoingOn: () => isRunGoingOn(run.project, run.runId) });
    try {
      return await workspaces.verify({ issueId, issueTitle }, { directory, env, noChange, signal });
    } catch (error) {
      if (error instanceof LeftRunning) throw error;
      if (error instanceof UserError) return { accepted: false, kind: 'workspace', reason: error.message };
      throw error;
    }
  };
}
