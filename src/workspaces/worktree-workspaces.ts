import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/schema.js';
import { rememberBase, resolveBase } from './base-branch.js';
import { checkGit, checkIntegrationName, checkProjectFolder, checkRepository } from './check-repository.js';
import { findCopies } from './copy-files.js';
import { ensureWorkspace } from './ensure-workspace.js';
import type { Git } from './git.js';
import { runHook } from './hooks.js';
import { updateIntegration } from './integration.js';
import { placeOf, placePath, type IssuePlace } from './issue-place.js';
import { createKeptWorks } from './kept-works.js';
import { keepProgress } from './keep-progress.js';
import { withLandingLock } from './landing-lock.js';
import { safeName } from './names.js';
import { createOwnPaths } from './own-paths.js';
import { isAncestor, refOf } from './refs.js';
import { pushProgress } from './push-progress.js';
import { prepareRemoval, removeWorkspace } from './remove-workspace.js';
import { createRemoteBranches } from './remote-branches.js';
import { findPrefix, openRepository, type Repository } from './repository.js';
import type { CommandDeps } from './run-command.js';
import { verifyWork } from './verify-work.js';
import { describeWork, type WorkspaceContext } from './workspace-context.js';
import { withWorkspaceLock } from './workspace-lock.js';
import type { RemoteBranches, WorkRef, Workspaces } from './workspaces.js';

export interface WorktreeDeps extends CommandDeps {
  git: Git;
  /** Says who the user is to git. */
  env: NodeJS.ProcessEnv;
  /** Tracker.ownPaths */
  ownPaths: string[];
  /** For what is told and otherwise ignored, one line each. */
}

/** workspace.kind worktree: a git worktree for each issue, on a branch of its own, landed on the integration branch. */
export function createWorktreeWorkspaces(projectDir: string, config: Config, deps: WorktreeDeps): Workspaces {
  const prefix = findPrefix(projectDir);
  const into = config.land.into;
  const ownPaths = createOwnPaths(deps.ownPaths, prefix);
  const open = openOnce(projectDir, deps);

  const contextOf = async (work: WorkRef, name = safeName(work.issueId)): Promise<WorkspaceContext> => {
    const place = placeOf(projectDir, config.workspace.root, prefix, name);
    return { repository: await open(), config, deps, place, work };
  };
  const path = (issueId: string): string => placePath(projectDir, config.workspace.root, prefix, issueId);
  const envOf = (work: WorkRef, env: Record<string, string>): Record<string, string> =>
    describeWork(work, path(work.issueId), into, env);

  const remote = config.land.strategy === 'pr' ? createRemote() : undefined;
  function createRemote(): RemoteBranches {
    const placeFor = (issueId: string): IssuePlace =>
      placeOf(projectDir, config.workspace.root, prefix, safeName(issueId));
    const { remote: name } = config.land;
    const options = { projectDir, remote: name, base: config.git.base, integration: into };
    return createRemoteBranches({ ...options, openRepository: open, placeOf: placeFor });
  }

  return {
    kind: 'worktree',
    remote,
    kept: createKeptWorks({
      projectDir,
      integration: into,
      ownPaths,
      openRepository: open,
      open: async (name) => contextOf({ issueId: name, issueTitle: '' }, name),
    }),
    path,

    prepareRun: async () => {
      await checkGit(deps.git, projectDir);
      const repository = await open();
      await checkRepository(repository);
      const base = await resolveBase(repository, config.git.base);
      await checkIntegrationName(repository, into, base.name);
      await checkProjectFolder(repository, base.commit);
      await findCopies(
        repository,
        config.workspace.copy,
        dirname(placePath(projectDir, config.workspace.root, '', 'x')),
      );
      await rememberBase(repository, base);
      if (remote) {
        await remote.check();
        const { remote: name, base: branch } = await remote.describe();
        return { branch: into, base: `${name}/${branch}` };
      }
      await withLandingLock(projectDir, () => updateIntegration(repository, into, base));
      return { branch: into, base: base.name };
    },

    ensure: async (work, env, directory, signal) => {
      const context = await contextOf(work);
      const options = { env: envOf(work, env), directory, signal };
      if (!existsSync(context.place.folder)) await remote?.refresh();
      const notes = await withWorkspaceLock(context, () => ensureWorkspace(context, options), signal);
      return { path: context.place.path, baseBranch: into, notes };
    },

    keepProgress: async (work, signal) => {
      const { place, repository } = await contextOf(work);
      return keepProgress(repository, { place, ownPaths, signal });
    },

    pushProgress: async (work, signal) => {
      const { place, repository } = await contextOf(work);
      const to = config.workspace.wip_push;
      if (to !== undefined) await pushProgress(repository, place, to, signal);
    },

    runHook: async (hook, work, env, directory, signal) => {
      const place = { cwd: path(work.issueId), env: envOf(work, env), signal };
      await runHook(deps, config.hooks, hook, directory, place);
    },

    verify: async (work, options) => {
      const context = await contextOf(work);
      return verifyWork(context, ownPaths, { ...options, env: envOf(work, options.env) });
    },

    holds: async ({ issueId }, commit) => {
      if (remote) return remote.holds(issueId, commit);
      const { place, repository } = await contextOf({ issueId, issueTitle: '' });
      const branch = config.land.strategy === 'branch' ? place.branch : into;
      return isAncestor(repository, commit, refOf(branch));
    },

    remove: async (work, env, directory) => {
      const context = await contextOf(work);
      const beforeRemove = prepareRemoval(context, envOf(work, env), directory);
      return withWorkspaceLock(context, () => removeWorkspace(context, beforeRemove));
    },
  };
}

/** A failure is not remembered: the folder may be a repository by the next call. */
function openOnce(projectDir: string, deps: WorktreeDeps): () => Promise<Repository> {
  let opened: Promise<Repository> | undefined;
  return () => {
    opened ??= openRepository(projectDir, deps.git, deps.env).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}
