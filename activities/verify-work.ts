import { Context } from '@temporalio/activity';
import type { Activities, VerifyRequest } from '../src/contract/activities.js';
import type { Verdict } from '../src/contract/outcomes.js';
import { UserError } from '../src/errors.js';
import { LeftRunning } from '../src/processes/interruption.js';
import { asPassingFailure } from './failures.js';
import type { ActivityDependencies } from './index.js';
import { folderOf, issueEnvironment } from './issue-environment.js';
import type { Project, Projects } from './projects.js';
import { publishWork } from './publish-work.js';
import { stopSignal } from './stop-signal.js';

/** Verifies and lands. A gate outlives the worker like an agent does, and a landing is found again after a crash. */
export function createVerifyWork(projects: Projects, { isRunGoingOn }: ActivityDependencies): Activities['verifyWork'] {
  return async function verifyWork(request): Promise<Verdict> {
    const { run } = request;
    const project = await projects.open(run);
    const signal = stopSignal(Context.current(), {
      settle: request.settle,
      isRunGoingOn: () => isRunGoingOn(run.project, run.runId),
    });
    try {
      return await publishWork(project, request, await verify(project, request, signal));
    } catch (error) {
      if (error instanceof LeftRunning) throw error;
      if (error instanceof UserError) return { accepted: false, kind: 'workspace', reason: error.message };
      throw asPassingFailure(error);
    }
  };
}

function verify({ dir, workspaces }: Project, request: VerifyRequest, signal: AbortSignal): Promise<Verdict> {
  const { issueId, issueTitle, noChange } = request;
  const env = issueEnvironment(request, workspaces.path(issueId));
  return workspaces.verify({ issueId, issueTitle }, { directory: folderOf(dir, request), env, noChange, signal });
}
