import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findProcessesNaming } from '../integration/harness/processes.js';
import { findKeptWorkspaces, findTemporaryFiles, findWorktrees } from '../integration/harness/nothing-left.js';
import { readLines } from '../integration/harness/agent-log.js';
import { waitFor } from '../integration/harness/wait-for.js';
import { checkEvents } from './check-events.js';
import { checkIssues } from './check-issues.js';
import { readResults } from './read-results.js';
import type { Scene } from './scene.js';

export interface Found {
  /** A line for each rule that was broken. */
  violations: string[];
  /** Issues of which it was known beforehand what had to become of them, as no fault has touched them. */
  exact: number;
  /** How often runs have continued as new. */
  renewals: number;
}

/** After a run was completed: types `garland run` once more, stops the server, and looks at everything that is there. */
export async function findViolations(scene: Scene): Promise<Found> {
  const { project, keeper } = scene;
  const violations: string[] = [];
  const check = (holds: boolean, violation: string): void => void (holds || violations.push(violation));
  await scene.repair();
  await Promise.all(keeper.alive().map(({ ended }) => ended));

  const last = keeper.start();
  const { code } = await last.ended;
  check(code === 0, `\`garland run\` after the end: exit ${code}`);
  check(
    last.events.every(({ event }) => event !== 'agent_started'),
    'after the end, another run found something to do',
  );
  violations.push(...checkEvents(keeper.runs, scene.round.maxAgents));
  violations.push(...checkAgents(scene));
  const { results, renewals } = await readResults(project);
  const issues = checkIssues(scene, results);
  violations.push(...issues.violations);
  try {
    scene.expectCheckout();
  } catch (error) {
    violations.push(error instanceof Error ? error.message : String(error));
  }
  await project.garland('server', 'stop').ended;
  violations.push(...(await checkLeft(scene)));
  return { violations, exact: issues.exact, renewals };
}

/** What the agents themselves tell. */
function checkAgents({ project, round }: Scene): string[] {
  const { starts, overlaps } = project.agentLog();
  const atOnce = Math.max(0, ...readLines(join(project.log, 'at-once')).map(Number));
  const limited = new Set(starts.filter(({ end }) => end === 'limited').map(({ id }) => id));
  const seen = new Map<string, number>();
  for (const { runId, id, attempt } of starts) {
    const key = `attempt ${attempt} of ${id} in run ${runId}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  // An attempt that a usage limit has stopped is begun anew.
  const twice = [...seen].filter(
    ([key, times]) => times > ([...limited].some((id) => key.includes(` ${id} `)) ? 2 : 1),
  );
  return [
    ...twice.map(([key, times]) => `${key} was started ${times} times`),
    ...overlaps.map((line) => `two agents at one issue: ${line}`),
    ...(atOnce > round.maxAgents ? [`${atOnce} agents at a time, and ${round.maxAgents} were allowed`] : []),
  ];
}

async function checkLeft(scene: Scene): Promise<string[]> {
  const { project, disturbed, leftLocks } = scene;
  const findProcesses = () => findProcessesNaming(project.top);
  await waitFor('no process is left', () => findProcesses().length === 0, { within: 5_000 }).catch(() => undefined);
  const files = findTemporaryFiles(project).filter(
    (path) => !leftLocks.has(path) || readText(path) !== leftLocks.get(path),
  );
  const isSure = (id: string): boolean => !disturbed.has(id);
  const worktrees = findWorktrees(project).filter(isSure);
  const kept = findKeptWorkspaces(project).filter(isSure);
  return [
    ...findProcesses().map(({ pid, command }) => `process ${pid} is left: ${command}`),
    ...files.map((path) => `left: ${path}`),
    ...(worktrees.join() === kept.join() ? [] : [`worktrees of ${worktrees.join()}, and not of ${kept.join()}`]),
  ];
}

/** Undefined for what is no plain file. */
function readText(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8') : undefined;
}
