import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { execa } from 'execa';
import { gitEnvironment } from '../workspaces/git-environment.js';
import type { Project } from '../config/project.js';
import { findNearest } from '../config/suggest-key.js';
import { UserError } from '../errors.js';
import { createTracker } from '../trackers/create-tracker.js';
import type { Listing } from '../trackers/tracker.js';
import { requireAgent, requireAgentPrograms } from './check-agents.js';

/**
 * What can be known to be wrong before anything is started or changed, one UserError for the first such thing. Returns what the
 * tracker holds. `tell` is called with what holds that up: a rate limit takes minutes.
 */
export async function checkBeforeStart(project: Project, tell: (line: string) => void): Promise<Listing> {
  requireAgent(project);
  const tracker = await createTracker(project.dir, project.config.tracker, tell);
  const listing = await tracker.list();
  requireEpic(project, listing);
  if (project.config.workspace.kind === 'worktree') await requireRepository(project.dir);
  await requireWritable(project.dir);
  await requireAgentPrograms(project);
  return listing;
}

function requireEpic({ config }: Project, { issues }: Listing): void {
  const { epic } = config.run;
  if (epic === undefined || issues.some(({ id }) => id === epic)) return;
  const nearest = findNearest(
    issues.filter(({ type }) => type === 'epic').map(({ id }) => id),
    epic,
  );
  throw new UserError(
    `--epic: no issue ${epic} in the tracker${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
  );
}

/** What the run itself finds out about branches and merges is left to it: that may change things. */
async function requireRepository(dir: string): Promise<void> {
  const git = (...args: string[]) =>
    execa('git', ['-C', dir, ...args], {
      env: gitEnvironment(process.env),
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    });
  const inside = await git('rev-parse', '--is-inside-work-tree');
  if (inside.code === 'ENOENT') throw new UserError('git is not installed, or not on PATH');
  if (inside.failed) {
    throw new UserError(
      `${dir} is not in a git repository: run \`git init\` and commit, or set workspace.kind to directory in WORKFLOW.md`,
    );
  }
  if (inside.stdout.trim() !== 'true') throw new UserError(`${dir} is no work tree of a git repository`);
  const head = await git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  if (head.failed) throw new UserError(`the repository in ${dir} has no commit yet: commit something first`);
}

export async function requireWritable(dir: string): Promise<void> {
  try {
    await access(dir, constants.W_OK);
  } catch {
    throw new UserError(`${dir} can't be written: garland keeps its state in .garland there`);
  }
}
