import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { execa } from 'execa';
import type { Project } from '../config/project.js';
import { findNearest } from '../config/suggest-key.js';
import { UserError } from '../errors.js';
import { createTracker } from '../trackers/create-tracker.js';
import type { Listing } from '../trackers/tracker.js';

/**
 * What can be known to be wrong before anything is started or changed, one UserError for the first such thing. Returns what the
 * tracker holds.
 */
export async function checkBeforeStart(project: Project): Promise<Listing> {
  requireAgent(project);
  const tracker = await createTracker(project.dir, project.config.tracker);
  const listing = await tracker.list();
  requireEpic(project, listing);
  if (project.config.workspace.kind === 'worktree') await requireRepository(project.dir);
  await requireWritable(project.dir);
  await requireAgentProgram(project);
  return listing;
}

export function requireAgent({ exists, config, dir, configFile }: Project): void {
  if (config.agent.command !== undefined) return;
  const missing = exists
    ? `${configFile}: agent.command is missing`
    : `no WORKFLOW.md in ${dir} says which agent to run`;
  throw new UserError(`${missing}. Give --agent 'COMMAND', or write into WORKFLOW.md:\n${exampleWorkflow}`);
}

const exampleWorkflow = `
---
agent:
  command: claude -p --permission-mode bypassPermissions   # gets the prompt on stdin
verify:
  commands:
    - npm test
---`;

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
  const git = (...args: string[]) => execa('git', ['-C', dir, ...args], { reject: false, stdin: 'ignore' });
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

/** Looks at the first word alone, and only where a shell would look it up: the rest of a command is the shell's business. */
export async function requireAgentProgram({ config, dir }: Project): Promise<void> {
  const [program] = /^[\w@%+:,./-]+(?=\s|$)/.exec(config.agent.command ?? '') ?? [];
  if (program === undefined) return;
  const found = program.includes('/')
    ? // A relative path is looked up in the workspace, where the hook after_create may put it.
      !isAbsolute(program) || (await isFile(resolve(dir, program)))
    : !(await execa('sh', ['-c', 'command -v -- "$1"', 'sh', program], { cwd: dir, reject: false })).failed;
  if (!found) throw new UserError(`agent.command: there is no program ${program}, neither on PATH nor as a file`);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
