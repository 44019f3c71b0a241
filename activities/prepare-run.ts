import { dayOf, spentTodayUsd } from '../src/agents/spent-today.js';
import type { Activities, PreparedRun } from '../src/contract/activities.js';
import { parseRunInput } from '../src/config/validate-run-input.js';
import { cleanLeftovers } from '../src/leftovers/find-leftovers.js';
import { writeRunRecord } from '../src/leftovers/run-record.js';
import { asFinalFailure } from './failures.js';
import type { ActivityDependencies } from './index.js';
import type { Projects } from './projects.js';

/** How long the start of a run may be held up by cleaning, in milliseconds; well within the activity's own limit. */
const CLEANING_MS = 180_000;
/** The run's state carries them. */
const MAX_LINES = 20;

/** Checks the input, makes the integration branch ready, and cleans up what earlier runs left behind. */
export function createPrepareRun(projects: Projects, deps: ActivityDependencies): Activities['prepareRun'] {
  return async function prepareRun(name, runId, rawInput): Promise<PreparedRun> {
    try {
      const input = parseRunInput(rawInput);
      const { project_dir: projectDir, config_file: configFile, agent_command: agentCommand } = input;
      const project = await projects.open({ projectDir, configFile, agentCommand });
      const { warnings } = await project.tracker.list();
      const integration = await project.workspaces.prepareRun();
      await project.reviews?.check();
      await writeRunRecord(project.dir, { project: name, runId, startedAt: new Date().toISOString() });
      const cleaned = await cleanLeftovers(
        { ...project, project: name, keepsClaims: input.wip_first, isRunGoingOn: knowOwnRun(name, runId, deps) },
        { withinMs: CLEANING_MS },
      );
      const today = new Date();
      return {
        input,
        settings: project.settings,
        day: dayOf(today),
        spentTodayUsd: await spentTodayUsd(project.dir, today, (kind) => project.agentFor({ kind })),
        integration,
        warnings: [...warnings, ...shorten(cleaned)],
      };
    } catch (error) {
      throw asFinalFailure(error);
    }
  };
}

/** A project has one run at a time, so of its own name only this one goes on: no need to ask the server. */
function knowOwnRun(
  project: string,
  runId: string,
  { isRunGoingOn }: ActivityDependencies,
): ActivityDependencies['isRunGoingOn'] {
  return async (other, otherId) => (other === project ? otherId === runId : isRunGoingOn(other, otherId));
}

function shorten(lines: string[]): string[] {
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `and ${lines.length - MAX_LINES} more things that earlier runs left behind`];
}
