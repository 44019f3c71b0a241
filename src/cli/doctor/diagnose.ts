import { openProject, type Project } from '../../config/project.js';
import { EXIT, UserError, type ExitCode } from '../../errors.js';
import { cleanLeftovers, findLeftovers } from '../../leftovers/find-leftovers.js';
import type { LeftoversContext } from '../../leftovers/leftover.js';
import { openReviews } from '../../reviews/open-reviews.js';
import { createTracker } from '../../trackers/create-tracker.js';
import type { Tracker } from '../../trackers/tracker.js';
import { createWorkspaces } from '../../workspaces/create-workspaces.js';
import type { ProjectOptions } from '../options.js';
import type { Shell } from '../shell.js';
import { runCheck } from './check.js';
import { checkProject } from './check-project.js';
import { checkRun, type RunFindings } from './check-run.js';
import { isHealthy, renderReport, type Report } from './render-report.js';

export interface DoctorOptions extends ProjectOptions {
  fix?: boolean;
  json?: boolean;
}

/** `garland doctor`: 0 when nothing is wrong, 1 when there is something to do. Changes nothing without `--fix`. */
export async function diagnose(options: DoctorOptions, shell: Shell): Promise<ExitCode> {
  const project = await open(options, shell);
  const report =
    'says' in project ? { checks: [project], cleaned: [], leftovers: [] } : await examine(project, options, shell);
  if (options.json) {
    const leftovers = report.leftovers.map(({ kind, what, why, plan, how }) => ({ kind, what, why, plan, how }));
    shell.out(JSON.stringify({ healthy: isHealthy(report), ...report, leftovers }));
  } else {
    const dir = 'says' in project ? shell.cwd : project.dir;
    for (const line of renderReport(report, { colors: shell.colors, dir })) shell.out(line);
  }
  return isHealthy(report) ? EXIT.ok : EXIT.failed;
}

/** A configuration that can't be read is a finding, too. */
async function open({ config, project }: DoctorOptions, { cwd, env }: Shell) {
  try {
    const found = await openProject({ cwd, configFile: config, env });
    return { ...found, name: project ?? found.name };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return runCheck('config', () => Promise.reject(error));
  }
}

async function examine(project: Project, { fix }: DoctorOptions, shell: Shell): Promise<Report> {
  const tracker = await createTracker(project.dir, project.config.tracker).catch(makeUnusable);
  const run = await checkRun(project.name, project.dir, shell);
  try {
    const checks = [...(await checkProject(project, tracker, shell.env)), ...run.checks];
    const cleaned: string[] = [];
    // What they stand on can't be read.
    const isReadable = checks.every(
      ({ name, status }) => status !== 'failed' || (name !== 'git' && name !== 'tracker'),
    );
    if (!isReadable) return { checks, cleaned, leftovers: [] };
    const context = makeContext(project, tracker, run, shell);
    if (fix) cleaned.push(...(await cleanLeftovers(context)));
    return { checks, cleaned, leftovers: await findLeftovers(context) };
  } finally {
    await run.close();
  }
}

/** Checks say what is wrong with it; nothing else asks it for anything. */
function makeUnusable(error: unknown): Tracker {
  const fail = async (): Promise<never> => {
    throw error;
  };
  return { kind: 'unusable', ownPaths: [], list: fail, claim: fail, release: fail, close: fail, adopt: fail };
}

function makeContext(
  { dir, config, name }: Project,
  tracker: LeftoversContext['tracker'],
  { isRunGoingOn }: RunFindings,
  { env }: Shell,
): LeftoversContext {
  const workspaces = createWorkspaces(dir, config, { ownPaths: tracker.ownPaths, env });
  const reviews = openReviews(config, workspaces.remote, tracker.kind, env);
  return { dir, config, tracker, workspaces, reviews, project: name, keepsClaims: config.run.wip_first, isRunGoingOn };
}
