import type { Activities, PreparedRun } from '../src/contract/activities.js';
import { parseRunInput } from '../src/config/validate-run-input.js';
import { asFinalFailure } from './failures.js';
import type { Projects } from './projects.js';
import { recoverClaims } from './recover-claims.js';

export function createPrepareRun(projects: Projects): Activities['prepareRun'] {
  return async function prepareRun(name, runId, rawInput): Promise<PreparedRun> {
    try {
      const input = parseRunInput(rawInput);
      const { project_dir: projectDir, config_file: configFile, agent_command: agentCommand } = input;
      const project = await projects.open({ projectDir, configFile, agentCommand });
      const { warnings } = await project.tracker.list();
      const integration = await project.workspaces.prepareRun();
      const run = { runId, project: name, projectDir, configFile, agentCommand };
      const recovered = await recoverClaims(project, run, { keep: input.wip_first });
      return { input, settings: project.settings, integration, warnings: [...warnings, ...recovered] };
    } catch (error) {
      throw asFinalFailure(error);
    }
  };
}
