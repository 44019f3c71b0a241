import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findProcessesNaming, type SeenProcess } from '../../integration/harness/processes.js';
import type { Project } from '../../integration/harness/project.js';
import { waitFor } from '../../integration/harness/wait-for.js';
import { findSoon, pickOne, type Fault } from './fault.js';
import { killAtLanding, killAtTrackerWrite } from './moments.js';

const about = 'repository';
export const isWorktree: Fault['fits'] = ({ kind }) => kind === 'worktree';

export const workspaceDeleted: Fault = {
  description: "an agent's workspace is deleted under it",
  weight: 5,
  about,
  fits: isWorktree,
  inject: async (scene, { pick }) => {
    const folder = join(scene.project.dir, '.garland', 'workspaces');
    const id = await findSoon(() => pickOne(listNames(folder), pick));
    if (id === undefined) return 'no workspace';
    scene.disturbed.add(id);
    scene.tell(`delete the workspace of ${id}`);
    rmSync(join(folder, id), { recursive: true, force: true, maxRetries: 5 });
    return undefined;
  },
};

const RECORDS = ['record.json', 'landing.json', 'prompt.md'];

export const garbage: Fault = {
  description: "an attempt's record, its landing's, or its prompt holds garbage",
  weight: 5,
  about,
  inject: async (scene, { pick }) => {
    const runs = join(scene.project.dir, '.garland', 'runs');
    const path = await findSoon(() => pickOne(listRecords(runs), pick));
    if (path === undefined) return 'no attempt';
    scene.disturbed.add(path.split('/')[1]!);
    scene.tell(`garbage in ${path}`);
    writeFileSync(join(runs, path), '\u0000{"garbage":');
    return undefined;
  },
};

export const baseMoved: Fault = {
  description: 'the user commits to the base branch',
  weight: 4,
  about,
  fits: isWorktree,
  inject: async (scene, { pick }) => {
    const { project } = scene;
    scene.changeCheckout(() => {
      mkdirSync(join(project.dir, 'by-user'), { recursive: true });
      writeFileSync(join(project.dir, 'by-user', String(pick)), `${pick}\n`);
      project.git('add', 'by-user');
      project.git('commit', '--quiet', '-m', `by the user: ${pick}`, '--', 'by-user');
    });
    return undefined;
  },
};

export const rewound: Fault = {
  description:
    'the worker is killed, and what it has landed but not told the tracker is taken off the integration branch again',
  weight: 5,
  about: 'garland',
  fits: isWorktree,
  inject: async (scene, planned) => {
    const { project } = scene;
    const nothing = await (planned.length < 1000 ? killAtTrackerWrite : killAtLanding).inject(scene, planned);
    if (nothing !== undefined) return nothing;
    await waitFor('no git of the dead goes on', () => !findProcessesNaming(project.top).some(isGit));
    const ref = 'refs/heads/garland/integration';
    // Killed so early that the run has not made it yet.
    if (project.git('for-each-ref', ref) === '') return 'nothing has landed';
    const [tip, subject = ''] = project.git('log', '-1', '--format=%H%n%s', ref).split('\n');
    const before = project.git('reflog', 'show', '--format=%H', ref).split('\n')[1];
    const id = /^(?:added-by-)?a-\d+/.exec(subject)?.[0];
    if (id === undefined || before === undefined) return 'nothing has landed';
    // Another fault may have made it unreadable.
    const issue = await findSoon(() => readIssues(project)?.get(id));
    if (issue?.status !== 'in_progress') return 'all that has landed is closed, or the tracker says nothing';
    scene.disturbed.add(id);
    scene.rewound.add(id);
    scene.tell(`take ${id} off again`);
    try {
      project.git('update-ref', '--create-reflog', ref, before, tip!);
    } catch {
      return 'the next run has landed something meanwhile';
    }
    return undefined;
  },
};

function readIssues(project: Project): ReturnType<Project['issues']> | undefined {
  try {
    return project.issues();
  } catch {
    return undefined;
  }
}

const isGit = ({ command }: SeenProcess): boolean => command.startsWith('git ');

export const collected: Fault = {
  description: 'the user runs `git gc`',
  weight: 2,
  about,
  fits: isWorktree,
  inject: async ({ project }) => {
    project.git('gc', '--quiet');
    return undefined;
  },
};

function listRecords(runs: string): string[] {
  const all = existsSync(runs) ? readdirSync(runs, { recursive: true, encoding: 'utf8' }) : [];
  return all.filter((path) => RECORDS.includes(basename(path))).toSorted();
}

export function listNames(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).toSorted() : [];
}
