import type { AttemptSpec } from '../../src/agents/agent.js';

/** The first attempt at an issue, wherever that may be. */
export const FIRST_ATTEMPT: AttemptSpec = {
  issueId: 'bd-1',
  issueTitle: 'A title',
  attempt: 1,
  runId: 'run',
  workspace: '/w',
  folder: '/f',
  runFolder: '/r',
  promptFile: '/p',
  baseBranch: 'main',
};
