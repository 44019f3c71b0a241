import { Client, Connection, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { CompleteRunInput, RunInput } from '../config/run-input.js';
import { parseRunInput } from '../config/validate-run-input.js';
import { WORKFLOW_TYPE, taskQueueOf, workflowIdOf } from '../contract/run.js';
import { UserError } from '../errors.js';
import { describeConnectFailure } from './connection.js';
import type { ServerConnection } from './connection.js';
import { RunHandle } from './run-handle.js';
import { listSearchAttributes } from './search-attributes.js';

export interface StartedRun {
  handle: RunHandle;
  /** False: a run of the project was there already, and goes on with its own input. */
  started: boolean;
}

/** Starts runs, and finds them again. For the command line and for other programs. */
export class GarlandClient {
  private constructor(
    private readonly connection: Connection,
    private readonly client: Client,
  ) {}

  /** @throws UserError when the server can't be reached */
  static async connect(server: ServerConnection): Promise<GarlandClient> {
    try {
      const connection = await Connection.connect(server.connectionOptions);
      return new GarlandClient(connection, new Client({ connection, namespace: server.namespace }));
    } catch (error) {
      throw new UserError(describeConnectFailure(server, error));
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  handle(project: string): RunHandle {
    return new RunHandle(this.client, project);
  }

  /**
   * Starts the project's run. A project has at most one: if it is there, its handle is returned and `input` is not used.
   *
   * @throws UserError when the run that is there belongs to another folder
   */
  async start(project: string, input: RunInput): Promise<StartedRun> {
    const complete = parseRunInput(input);
    const handle = this.handle(project);
    try {
      await this.client.workflow.start(WORKFLOW_TYPE, {
        workflowId: workflowIdOf(project),
        taskQueue: taskQueueOf(project),
        args: [input],
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowTaskTimeout: '10s',
        staticSummary: summarize(project, complete),
        staticDetails: describe(complete),
        memo: { project, projectDir: complete.project_dir, input: complete },
        typedSearchAttributes: await this.searchAttributes(project),
      });
      return { handle, started: true };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await refuseOtherFolder(handle, project, complete);
      return { handle, started: false };
    }
  }

  /** Where the namespace has them: starting with one that it lacks fails. */
  private async searchAttributes(project: string) {
    const known = await listSearchAttributes(this.connection, this.client.options.namespace).catch((): string[] => []);
    return known.includes('GarlandProject') ? [{ key: PROJECT_ATTRIBUTE, value: project }] : [];
  }
}

/** For somebody who knows Temporal and not garland. */
const EXPLANATION = `One run of garland: it takes the ready issues of an issue tracker, runs one coding agent for each in a git
worktree of its own, verifies and lands what each one did, and ends by itself when nothing is ready any more.

- Stop it: signal \`abort\` with a reason, or request cancellation. Agents are stopped, their issues put back, their work is kept.
- Let it finish what runs: signal \`drain\`.
- Look closer: queries \`state\` and \`events\`. They need a worker, as everything does: without one the run only waits.

Its input:`;

/** The Web UI cuts some 30 pixels off the lower end of what it renders: this is what it may cut. */
const LOWER_MARGIN = '\u00A0';

const PROJECT_ATTRIBUTE = defineSearchAttributeKey('GarlandProject', 'KEYWORD');

/** Two folders of the same name must not share a run: their workers would take each other's work. */
async function refuseOtherFolder(handle: RunHandle, project: string, input: CompleteRunInput): Promise<void> {
  const existing = await handle.describe();
  if (existing?.projectDir === undefined || existing.projectDir === input.project_dir) return;
  throw new UserError(
    `A run of the project '${project}' is going on in another folder, ${existing.projectDir}. ` +
      'Wait for its end, or give one of the two another name with `project: NAME` in its WORKFLOW.md.',
  );
}

function summarize(project: string, input: CompleteRunInput): string {
  const agents = input.max_agents === undefined ? 'no limit of agents' : `${input.max_agents} agents at most`;
  const issues = input.max_issues === undefined ? '' : `, ${input.max_issues} issues at most`;
  return `garland: works off the ready issues of ${project}, ${agents}${issues}`.slice(0, 190);
}

function describe(input: CompleteRunInput): string {
  const lines = Object.entries(input)
    .filter(([, value]) => value !== false && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `- \`${key}\`: \`${JSON.stringify(value).slice(0, 300)}\``);
  return [EXPLANATION, '', ...lines, '', LOWER_MARGIN].join('\n');
}
