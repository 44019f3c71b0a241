import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EXIT, UserError } from '../errors.js';
import { dropDeadLanding, findDeadLanding } from './dead-landing.js';
import { deleteLandedBranch } from './delete-landed-branch.js';
import { dropWorktree } from './drop-worktree.js';
import { isWorkLanded } from './is-work-landed.js';
import { keepProgress } from './keep-progress.js';
import { listKeptWork } from './list-kept-work.js';
import type { OwnPaths } from './own-paths.js';
import { unpushProgress } from './push-progress.js';
import { dropPushedRefs } from './push-branch.js';
import { deleteRef, readCommit, refOf } from './refs.js';
import { prepareRemoval, removeWorkspace } from './remove-workspace.js';
import type { Repository } from './repository.js';
import { describeWork, type WorkspaceContext } from './workspace-context.js';
import { withWorkspaceLock } from './workspace-lock.js';
import { readWorkspaceRecord, removeWorkspaceRecord, writeWorkspaceRecord } from './workspace-record.js';
import type { HookEnvironment, KeptWorks } from './workspaces.js';
import { findWorktreeEntry, restoreLink } from './worktree-entry.js';

/** Where before_remove is run from that is nobody's attempt's: a folder for each. */
export const cleaningFolder = (projectDir: string): string => join(projectDir, '.garland', 'cleaning');

export interface KeptWorksDeps {
  projectDir: string;
  /** land.into */
  integration: string;
  ownPaths: OwnPaths;
  openRepository: () => Promise<Repository>;
  open: (name: string) => Promise<WorkspaceContext>;
}

export function createKeptWorks(deps: KeptWorksDeps): KeptWorks {
  const { projectDir, integration, ownPaths, openRepository, open } = deps;

  /** With a folder of its own for before_remove, which stays when that failed. */
  const withHook = async <T>(
    name: string,
    env: HookEnvironment,
    act: (context: WorkspaceContext, beforeRemove: () => Promise<string[]>) => Promise<T>,
  ): Promise<T> => {
    const context = await open(name);
    const directory = join(cleaningFolder(projectDir), `${name}-${randomUUID()}`);
    let hasFailed = false;
    const seen = describeWork(context.work, context.place.path, integration, env);
    const hook = prepareRemoval(context, seen, directory);
    const beforeRemove = async (): Promise<string[]> => {
      const told = await hook();
      hasFailed = told.length > 0;
      return told;
    };
    const result = await withWorkspaceLock(context, () => act(context, beforeRemove));
    if (!hasFailed) await rm(directory, { recursive: true, force: true });
    return result;
  };

  return {
    list: async () => listKeptWork(await openRepository(), integration),

    isLanded: async (name) => isWorkLanded(await open(name), ownPaths),

    remove: (name, env) =>
      withHook(name, env, async (context, beforeRemove) => {
        await checkFolder(context, name);
        if (!(await isWorkLanded(context, ownPaths))) return undefined;
        return removeWorkspace(context, beforeRemove);
      }),

    shelve: (name, usedAt, env) =>
      withHook(name, env, async (context, beforeRemove) => {
        const folder = await checkFolder(context, name);
        if (folder === undefined || (await stat(context.place.recordFile)).mtime > usedAt) return undefined;
        return shelve(context, ownPaths, folder, beforeRemove);
      }),

    dropProgress: async (name, commit) => {
      const { repository, place, config } = await open(name);
      await unpushProgress(repository, place, config.workspace.wip_push);
      await deleteRef(repository, place.progressRef, commit);
    },

    dropBranch: async (name) => {
      const { repository, place, config } = await open(name);
      await deleteLandedBranch(repository, place.branch, config.land.into);
      if ((await readCommit(repository, refOf(place.branch))) === undefined) await dropPushedRefs(repository, place);
    },

    findDeadLanding: async () => findDeadLanding(await openRepository()),

    dropDeadLanding: async () => dropDeadLanding(await openRepository()),
  };
}

/** A record could name anything, and what it names is deleted: it has to be a worktree of the repository, or gone. */
async function checkFolder({ repository, place }: WorkspaceContext, name: string): Promise<string | undefined> {
  const folder = (await readWorkspaceRecord(place.recordFile))?.folder;
  if (folder === undefined || !existsSync(folder)) return folder;
  if (basename(folder) === name && (await findWorktreeEntry(repository, folder))) return folder;
  throw new UserError(
    `${folder}: no worktree of this repository, but ${place.recordFile} says so; delete that file, and the folder if it isn't yours`,
    EXIT.failed,
  );
}

async function shelve(
  context: WorkspaceContext,
  ownPaths: OwnPaths,
  folder: string,
  beforeRemove: () => Promise<string[]>,
): Promise<string[]> {
  const { repository, place, config } = context;
  const { signal } = new AbortController();
  const entry = await findWorktreeEntry(repository, folder);
  const isThere = entry !== undefined && existsSync(folder);
  if (isThere) await restoreLink(folder, entry);
  const notes = await keepProgress(repository, { place: { ...place, folder }, ownPaths, signal });
  if (isThere) notes.push(...(await beforeRemove()));
  // In this state what was kept comes back when the workspace is made again, also after a crash right here.
  await writeWorkspaceRecord(place.recordFile, { state: 'creating', folder });
  await dropWorktree(repository, folder);
  await deleteLandedBranch(repository, place.branch, config.land.into);
  await removeWorkspaceRecord(place.recordFile);
  return notes;
}
