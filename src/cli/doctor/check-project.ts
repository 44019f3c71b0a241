import { statfs } from 'node:fs/promises';
import type { Project } from '../../config/project.js';
import { showFile } from '../../config/workflow-file.js';
import { UserError } from '../../errors.js';
import type { Tracker } from '../../trackers/tracker.js';
import { checkGit, checkRepository } from '../../workspaces/check-repository.js';
import { createGit } from '../../workspaces/git.js';
import { openRepository } from '../../workspaces/repository.js';
import { requireAgentPrograms } from '../check-agents.js';
import { requireWritable } from '../check-before-start.js';
import { runCheck, warnOf, type Check, type CheckAnswer } from './check.js';

/** Everything about a project that can be looked at without a server. Changes nothing. */
export async function checkProject(project: Project, tracker: Tracker, env: NodeJS.ProcessEnv): Promise<Check[]> {
  return Promise.all([
    runCheck('config', async () => checkConfig(project)),
    ...(project.config.workspace.kind === 'worktree' ? [runCheck('git', () => checkGitOf(project, env))] : []),
    runCheck('tracker', () => checkTracker(tracker)),
    runCheck('agent', () => checkAgent(project)),
    runCheck('disk', () => checkDisk(project)),
  ]);
}

function checkConfig({ warnings, exists, configFile }: Project): CheckAnswer {
  return warnOf(warnings, exists ? showFile(configFile) : 'no WORKFLOW.md: everything has its default');
}

async function checkGitOf({ dir }: Project, env: NodeJS.ProcessEnv): Promise<CheckAnswer> {
  const git = createGit(env);
  await checkGit(git, dir);
  await checkRepository(await openRepository(dir, git, env));
  return git.run(dir, ['--version']);
}

async function checkTracker(tracker: Tracker): Promise<CheckAnswer> {
  const { issues, warnings } = await tracker.list();
  return warnOf(warnings, issues.length === 1 ? '1 issue' : `${issues.length} issues`);
}

async function checkAgent(project: Project): Promise<CheckAnswer> {
  return (await requireAgentPrograms(project)).join(', ');
}

/** An agent's checkout and output take megabytes to gigabytes. */
const WARN_BELOW = 1024 ** 3;
const FAIL_BELOW = 100 * 1024 ** 2;

async function checkDisk(project: Project): Promise<CheckAnswer> {
  await requireWritable(project.dir);
  const { bavail, bsize } = await statfs(project.dir);
  const free = bavail * bsize;
  const says = `${free < 10 * WARN_BELOW ? `${Math.round(free / 1024 ** 2)} MB` : `${Math.round(free / 1024 ** 3)} GB`} free`;
  if (free < FAIL_BELOW) throw new UserError(`${says} where .garland is: free some space`);
  return free < WARN_BELOW ? { warning: says } : says;
}
