import { appendFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { countMoments } from '../integration/harness/agent-log.js';
import { formatIssue, writePlans } from '../integration/harness/backlog.js';
import { findProcessesNaming, kill, killAll } from '../integration/harness/processes.js';
import { Project } from '../integration/harness/project.js';
import type { PlannedFault, Round } from './draw-round.js';
import { FAULTS, type FaultKind } from './faults/index.js';
import { giveOwnClock } from './faults/clock.js';
import { giveTroubledTracker } from './faults/tracker-answers.js';
import { mountSmallDisk, noSmallDisk, unmountSmallDisk } from './faults/disk.js';
import { findViolations, type Found } from './find-violations.js';
import { Scene } from './scene.js';
import { giveShortHistory } from './short-history.js';

export interface Played extends Found {
  injected: FaultKind[];
  /** Planned, but there was nothing for it to happen to, or the run was over. */
  missed: { kind: FaultKind; why: string }[];
  seconds: number;
  story: string[];
  /** Where everything is, if anything was violated and somebody named a folder for it. */
  kept?: string;
}

/** Runs the backlog to its end, with the faults at their moments, and looks at what has come of it. */
export async function playRound(round: Round, keepIn: string | undefined): Promise<Played> {
  const begun = performance.now();
  const hasSmallDisk = round.smallDisk && noSmallDisk === undefined;
  const project = await makeProject(round, hasSmallDisk);
  giveTroubledTracker(project);
  if (round.ownClock) giveOwnClock(project);
  if (round.shortHistory) giveShortHistory(project);
  const scene = new Scene(project, round);
  const played: Played = {
    injected: [],
    missed: [],
    seconds: 0,
    story: scene.story,
    violations: [],
    exact: 0,
    renewals: 0,
  };
  try {
    await Promise.all([scene.keeper.keep(), injectAll(scene, played)]);
    const found = await findViolations(scene);
    played.violations.push(...found.violations);
    played.exact = found.exact;
    played.renewals = found.renewals;
  } catch (error) {
    played.violations.push(`the round did not end: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await scene.repair();
    for (const { pid, end } of project.garlands) if (!end) kill(pid, 'SIGKILL');
    await killAll(() => findProcessesNaming(project.top));
    if (played.violations.length > 0) played.kept = keep(scene, played, keepIn);
    if (hasSmallDisk) unmountSmallDisk(project.dir);
    try {
      rmSync(project.top, { recursive: true, force: true, maxRetries: 5 });
    } catch (error) {
      played.violations.push(`its folder can't be removed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { ...played, seconds: (performance.now() - begun) / 1000 };
}

async function makeProject(round: Round, hasSmallDisk: boolean): Promise<Project> {
  const { kind, maxAgents, maxAttempts, issues, added, keepsOften } = round;
  return Project.make({
    kind,
    issues,
    gate: true,
    ownServer: true,
    settings: {
      agent: {
        max_concurrent_agents: maxAgents,
        max_attempts: maxAttempts,
        timeout_ms: 4000,
        stall_timeout_ms: 3000,
        stop_grace_ms: 500,
      },
      // What the other tests have, 500, keeps a round's processes busy with little else.
      polling: { interval_ms: 1500 },
      ...(keepsOften && { workspace: { wip_interval_ms: 500 } }),
    },
    onFolders({ dir, log }) {
      if (hasSmallDisk) mountSmallDisk(dir);
      writeFileSync(join(log, 'at-once'), '');
      writeFileSync(join(log, 'to-add'), added.map((issue) => `${formatIssue(issue)}\n`).join(''));
      writePlans(log, added);
    },
  });
}

async function injectAll(scene: Scene, played: Played): Promise<void> {
  const queues = new Map<string, Promise<void>>();
  for (const planned of scene.round.faults) {
    await waitForMoment(scene, planned);
    const abouts = [FAULTS[planned.kind].about].flat();
    const injected = Promise.all(abouts.map((about) => queues.get(about) ?? Promise.resolve())).then(() =>
      inject(scene, planned, played),
    );
    for (const about of abouts) queues.set(about, injected);
  }
  await Promise.all(queues.values());
}

/** When nothing moves any more, a fault doesn't wait for ever: the one before may have seen to that. Milliseconds. */
const STANDSTILL = 12_000;

async function waitForMoment({ keeper, project }: Scene, { after, delay }: PlannedFault): Promise<void> {
  const wanted = countMoments(project.log) + after;
  const until = performance.now() + STANDSTILL;
  while (countMoments(project.log) < wanted && !keeper.isOver() && performance.now() < until) await sleep(5);
  await sleep(delay);
}

async function inject(scene: Scene, planned: PlannedFault, played: Played): Promise<void> {
  const { kind } = planned;
  try {
    const why = scene.keeper.isOver() ? 'the run was over' : await injectNow(scene, planned);
    if (why === undefined) played.injected.push(kind);
    else played.missed.push({ kind, why });
  } catch (error) {
    played.violations.push(`${kind} could not be injected: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function injectNow(scene: Scene, planned: PlannedFault): Promise<string | undefined> {
  scene.tell(`> ${planned.kind}`);
  const why = await FAULTS[planned.kind].inject(scene, planned);
  scene.tell(`< ${planned.kind}${why === undefined ? '' : `: ${why}`}`);
  return why;
}

/** The tests' own temporary folder goes when they are through. */
function keep(scene: Scene, { violations, story }: Played, keepIn: string | undefined): string | undefined {
  if (keepIn === undefined) return undefined;
  const { top, garlands } = scene.project;
  const kept = join(keepIn, basename(top));
  cpSync(top, kept, { recursive: true, verbatimSymlinks: true });
  writeFileSync(join(kept, 'round.json'), JSON.stringify({ violations, story, round: scene.round }, undefined, 2));
  for (const garland of garlands) appendFileSync(join(kept, 'output.txt'), `${garland.pid} ${garland.describe()}\n\n`);
  return kept;
}
