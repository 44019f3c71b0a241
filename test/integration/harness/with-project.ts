import { rmSync } from 'node:fs';
import { expectNothingLeft } from './nothing-left.js';
import { findProcessesNaming, kill, killAll } from './processes.js';
import { Project, type ProjectOptions } from './project.js';

/** A project for the length of `use`. Whatever is left behind afterwards fails the test, and its folder stays when it failed. */
export async function withProject(options: ProjectOptions, use: (project: Project) => Promise<void>): Promise<void> {
  const project = await Project.make(options);
  try {
    await use(project);
    if (project.ownServer) await project.garland('server', 'stop').ended;
    await Promise.all(project.garlands.map(({ ended }) => ended));
    await expectNothingLeft(project);
  } catch (error) {
    describeOutput(project, error);
    throw error;
  } finally {
    for (const { pid, end } of project.garlands) if (!end) kill(pid, 'SIGKILL');
    await killAll(() => findProcessesNaming(project.top));
  }
  rmSync(project.top, { recursive: true, force: true, maxRetries: 5 });
}

function describeOutput(project: Project, error: unknown): void {
  if (!(error instanceof Error)) return;
  const output = project.garlands.map((garland) => garland.describe().slice(-4000)).join('\n\n');
  error.message += `\n\nKept: ${project.top}\n${output}`;
}
