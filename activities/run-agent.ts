import { Context } from '@temporalio/activity';
import { attemptFolder } from '../src/agents/attempt-folder.js';
import { renderPrompt } from '../src/agents/prompt.js';
import { runAttempt } from '../src/agents/run-attempt.js';
import { stopStrays } from '../src/agents/stop-strays.js';
import type { Activities, AttemptRequest } from '../src/contract/activities.js';
import type { AgentResult } from '../src/contract/outcomes.js';
import { UserError } from '../src/errors.js';
import { issueEnvironment } from './issue-environment.js';
import type { ActivityDependencies } from './index.js';
import type { Project, Projects } from './projects.js';
import { stopSignal } from './stop-signal.js';

/**
 * Makes sure that the agent of this attempt is running, watches it, and returns its outcome. Called again for the same
 * attempt (a retry after a worker crash, a deploy, continue-as-new) it re-attaches; it never starts a second one.
 */
export function createRunAgent(projects: Projects, { isRunGoingOn }: ActivityDependencies): Activities['runAgent'] {
  return async function runAgent(request): Promise<AgentResult> {
    const { run, issueId, attempt, settle } = request;
    const project = await projects.open(run);
    const folder = attemptFolder(project.dir, run.runId, issueId, attempt);
    const signal = stopSignal(Context.current(), { settle, isRunGoingOn: () => isRunGoingOn(run.project, run.runId) });
    throw new Error(
      `TODO ${folder} ${String(signal.aborted)} ${String([renderPrompt, runAttempt, stopStrays, issueEnvironment, UserError])}`,
    );
  };
}
export type { AttemptRequest, Project };
