import { resolve } from 'node:path';
import { buildEnvironment } from '../agents/environment.js';
import type { Config } from '../config/schema.js';
import { runJob } from '../processes/job.js';
import { createDirectoryWorkspaces } from './directory-workspaces.js';
import { createGit, type Git } from './git.js';
import type { BuildEnvironment, RunJob } from './run-command.js';
import type { Workspaces } from './workspaces.js';
import { createWorktreeWorkspaces } from './worktree-workspaces.js';

export interface WorkspacesDeps {
  /** Tracker.ownPaths: relative to the project's folder, neither committed nor landed from a workspace. */
  ownPaths: string[];
  runJob?: RunJob;
  /** @default the usual variables, those that agent.env names, and what is to be set */
  environment?: BuildEnvironment;
  git?: Git;
  /** garland's own environment. @default process.env */
  env?: NodeJS.ProcessEnv;
}

/** The workspaces of the project in this folder, as its configuration has them. Touches nothing yet. */
export function createWorkspaces(projectDir: string, config: Config, deps: WorkspacesDeps): Workspaces {
  const folder = resolve(projectDir);
  const { ownPaths, env = process.env } = deps;
  const environment = deps.environment ?? ((set) => buildEnvironment({ names: config.agent.env, set, source: env }));
  const commands = { environment, runJob: deps.runJob ?? runJob };
  switch (config.workspace.kind) {
    case 'worktree':
      return createWorktreeWorkspaces(folder, config, {
        ...commands,
        ownPaths,
        env,
        git: deps.git ?? createGit(env),
      });
    case 'directory':
      return createDirectoryWorkspaces(folder, config, commands);
  }
}
