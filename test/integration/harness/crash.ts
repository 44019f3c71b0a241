import { tellKilled } from './agent-log.js';
import { findJobProcesses, killAll } from './processes.js';
import type { Project } from './project.js';
import { killServer } from './server.js';

export const VICTIMS = ['garland', 'server', 'both', 'everything'] as const;

/** `garland`: what runs of its commands. `everything`: agents and their wrappers, too, as when the machine dies. */
export type Victim = (typeof VICTIMS)[number];

export async function crash(project: Project, victim: Victim): Promise<void> {
  if (victim !== 'server') await killGarland(project);
  if (victim !== 'garland') await killServer(project);
  if (victim === 'everything') await killAgents(project);
}

export async function killGarland(project: Project): Promise<void> {
  await Promise.all(project.garlands.filter(({ end }) => !end).map((garland) => garland.kill('SIGKILL')));
}

export async function killAgents(project: Project): Promise<void> {
  tellKilled(project.log, await killAll(() => findJobProcesses(project.dir)));
}
