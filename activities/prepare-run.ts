import type { Activities, PreparedRun } from '../src/contract/activities.js';
import { parseRunInput } from '../src/config/validate-run-input.js';
import { asFinalFailure } from './failures.js';
import type { Projects } from './projects.js';

export function createPrepareRun(projects: Projects): Activities['prepareRun'] {
  return async function prepareRun(_project, _runId, rawInput): Promise<PreparedRun> {
    try {
      const input = parseRunInput(rawInput);
      const { project_dir: projectDir, config_file: configFile, agent_command: agentCommand } = input;
      const project = await projects.open({ projectDir, configFile, agentCommand });
      const { warnings } = await project.tracker.list();
      const integration = await project.workspaces.prepareRun();
      return { input, settings: project.settings, integration, warnings };
    } catch (error) {
      throw asFinalFailure(error);
    }
  };
}
