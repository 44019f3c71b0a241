import { Context } from '@temporalio/activity';
import type { AttemptSpec } from '../src/agents/agent.js';
import { promptFileOf, runFolder } from '../src/agents/attempt-folder.js';
import { namedKinds } from '../src/agents/choose-agent.js';
import { renderPrompt } from '../src/agents/prompt.js';
import { renderResumePrompt } from '../src/agents/resume-prompt.js';
import { runAttempt } from '../src/agents/run-attempt.js';
import { stopStrays } from '../src/agents/stop-strays.js';
import type { Activities, AttemptRequest } from '../src/contract/activities.js';
import type { AgentResult } from '../src/contract/outcomes.js';
import { UserError } from '../src/errors.js';
import { readJob } from '../src/processes/job.js';
import { asPassingFailure, messageOf } from './failures.js';
import type { ActivityDependencies } from './index.js';
import { folderOf, issueEnvironment } from './issue-environment.js';
import { startKeeping } from './progress-keeper.js';
import type { Project, Projects } from './projects.js';
import { stopSignal } from './stop-signal.js';

/**
 * Makes sure that the agent of this attempt is running, watches it, and returns its outcome. Called again for the same
 * attempt (a retry after a worker crash, a deploy, continue-as-new) it re-attaches; it never starts a second one.
 */
export function createRunAgent(projects: Projects, { isRunGoingOn }: ActivityDependencies): Activities['runAgent'] {
  return async function runAgent(request): Promise<AgentResult> {
    const { run, settle } = request;
    const project = await projects.open(run);
    const signal = stopSignal(Context.current(), { settle, isRunGoingOn: () => isRunGoingOn(run.project, run.runId) });
    const work = new AttemptWork(project, request, signal);
    const prepared = await work.prepare();
    if (prepared.kind === 'failed') return work.failedBefore(prepared.reason);
    const { result, notes } = await work.runKeepingProgress(prepared.baseBranch);
    return { ...result, warnings: [...prepared.notes, ...notes, ...(await work.cleanUp())] };
  };
}

type Prepared = { kind: 'ready'; baseBranch: string; notes: string[] } | { kind: 'failed'; reason: string };

/** One attempt in its workspace: the hooks around it, and the agent. */
class AttemptWork {
  private readonly folder: string;
  private readonly workspace: string;
  private readonly startedAt = new Date().toISOString();

  constructor(
    private readonly project: Project,
    private readonly request: AttemptRequest,
    private readonly signal: AbortSignal,
  ) {
    this.folder = folderOf(project.dir, request);
    this.workspace = project.workspaces.path(request.issueId);
  }

  /** Nothing to do for an agent that was started before: attaching to it needs neither workspace nor tracker. */
  async prepare(): Promise<Prepared> {
    const { signal, project, request } = this;
    const ready: Prepared = { kind: 'ready', baseBranch: '', notes: [] };
    if (signal.aborted || (await readJob(this.folder)).state !== 'none') return ready;
    try {
      await stopStrays(project.dir, request.run.runId, request.issueId, {
        graceMs: project.config.agent.stop_grace_ms,
      });
      const { baseBranch, notes } = await project.workspaces.ensure(this.ref, this.env, this.folder, signal);
      await project.workspaces.runHook('before_run', this.ref, this.env, this.folder, signal);
      return { kind: 'ready', baseBranch, notes };
    } catch (error) {
      // Interrupted: what that means for the attempt is decided where its agent would be started.
      if (signal.aborted) return ready;
      if (error instanceof UserError) return { kind: 'failed', reason: error.message };
      throw error;
    }
  }

  /** What is uncommitted is kept in a ref from time to time, however long the agent is at it and whoever watches it. */
  async runKeepingProgress(baseBranch: string): Promise<{ result: AgentResult; notes: string[] }> {
    const { workspaces, config } = this.project;
    const { wip_interval_ms: intervalMs, wip_push: remote } = config.workspace;
    const often = { intervalMs, signal: this.signal };
    const keeper = startKeeping((signal) => workspaces.keepProgress(this.ref, signal), often);
    // Apart, because a remote may take its time.
    const push = async (signal: AbortSignal): Promise<string[]> => {
      await workspaces.pushProgress(this.ref, signal);
      return [];
    };
    const failure = `its work in progress could not be pushed to ${remote}`;
    const pusher = remote === undefined ? undefined : startKeeping(push, { ...often, failure });
    try {
      return { result: await this.run(baseBranch), notes: [...keeper.notes, ...(pusher?.notes ?? [])] };
    } finally {
      keeper.stop();
      pusher?.stop();
    }
  }

  private async run(baseBranch: string): Promise<AgentResult> {
    const { project, folder, signal } = this;
    const spec: AttemptSpec = {
      issueId: this.request.issueId,
      issueTitle: this.request.issueTitle,
      attempt: this.request.attempt,
      runId: this.request.run.runId,
      workspace: this.workspace,
      folder,
      runFolder: runFolder(project.dir, this.request.run.runId),
      promptFile: promptFileOf(folder),
      baseBranch,
      allowanceUsd: this.request.allowanceUsd,
    };
    const prompt = (resumes: boolean) => (resumes ? this.renderResumption(baseBranch) : this.renderPrompt(baseBranch));
    try {
      const agent = project.agentFor(this.request.agent);
      const result = await runAttempt({ spec, agent, config: project.config.agent, prompt, signal });
      return namedKinds(project.config).includes(agent.kind) ? result : blameIssue(result);
    } catch (error) {
      if (error instanceof UserError) return this.failedBefore(error.message);
      throw asPassingFailure(error);
    }
  }

  /** After a stop, too, if there was anything to stop. What after_run did not do is told, and changes nothing. */
  async cleanUp(): Promise<string[]> {
    if (this.signal.aborted && !(await this.hasBegun())) return [];
    try {
      // The signal has done its work on the agent; how long the hook may take is its own limit.
      const signal = this.signal.aborted ? new AbortController().signal : this.signal;
      await this.project.workspaces.runHook('after_run', this.ref, this.env, this.folder, signal);
      return [];
    } catch (error) {
      if (error instanceof UserError) return [messageOf(error)];
      throw error;
    }
  }

  private async hasBegun(): Promise<boolean> {
    const { state } = await readJob(this.folder);
    return state !== 'none' && state !== 'voided';
  }

  /** The agent never ran: the workspace could not be made, a hook failed, the prompt could not be rendered. */
  failedBefore(reason: string): AgentResult {
    const { startedAt, folder: directory } = this;
    return { outcome: 'failed', reason, startedAt, endedAt: new Date().toISOString(), seconds: 0, directory };
  }

  private renderResumption(baseBranch: string): string {
    const { issueId, issueTitle, turn = 1, previous } = this.request;
    const gateCommands = this.project.config.verify.commands;
    return renderResumePrompt({ issueId, issueTitle, turn, previous, gateCommands, baseBranch });
  }

  private async renderPrompt(baseBranch: string): Promise<string> {
    const { project, request, workspace } = this;
    const { issues } = await project.tracker.list();
    const issue = issues.find(({ id }) => id === request.issueId);
    if (issue === undefined) throw new UserError(`${request.issueId} is gone from the tracker`);
    const { attempt, previous } = request;
    const gateCommands = project.config.verify.commands;
    const input = { issue, issues, attempt, gateCommands, previous, workspace, baseBranch };
    return renderPrompt(project.promptTemplate, input, project.promptSource);
  }

  private get ref() {
    return { issueId: this.request.issueId, issueTitle: this.request.issueTitle };
  }

  private get env() {
    return issueEnvironment(this.request, this.workspace);
  }
}

/** Others wrote the text that asks for an agent which nobody has set up: that is no reason to end the run. */
function blameIssue({ unusable, ...result }: AgentResult): AgentResult {
  return unusable ? { ...result, marker: { kind: 'BLOCKED', reason: result.reason } } : result;
}
