import { listUnwritten } from '../settlement/unwritten-record.js';
import { compileStates } from '../trackers/states.js';
import { safeName } from '../workspaces/names.js';
import { findBranches } from './find-branches.js';
import { findClaims } from './find-claims.js';
import { findCleanings } from './find-cleanings.js';
import { findFiles } from './find-files.js';
import { findLanding } from './find-landing.js';
import { findProcesses } from './find-processes.js';
import { findProgress } from './find-progress.js';
import { findRuns } from './find-runs.js';
import { findUnwritten } from './find-unwritten.js';
import { findWorkspaces } from './find-workspaces.js';
import type { Find, Findings, Leftover, LeftoversContext } from './leftover.js';
import { listRuns } from './list-runs.js';

/** What runs that are gone still have going on. Cleaned first: the others are judged by what is left then. */
const FIND_ACTIVE: Find[] = [findProcesses, findUnwritten, findClaims];
const FIND_STORED: Find[] = [
  findWorkspaces,
  findProgress,
  findBranches,
  findLanding,
  findFiles,
  findRuns,
  findCleanings,
];

/** Everything that runs left behind in a project, and what is to be done about each. Changes nothing. */
export async function findLeftovers(context: LeftoversContext): Promise<Leftover[]> {
  const findings = await look(context);
  const found: Leftover[] = [];
  for (const find of [...FIND_ACTIVE, ...FIND_STORED]) found.push(...(await find(findings)));
  return found;
}

/**
 * Cleans what can be cleaned without a loss. Returns what was done and what failed, one line each. `withinMs`: nothing more
 * is begun after that, but for what runs that are gone have going on.
 *
 * @throws what the tracker throws when a claim can't be given back: the issue might be worked on twice then
 */
export async function cleanLeftovers(
  context: LeftoversContext,
  { withinMs = Infinity }: { withinMs?: number } = {},
): Promise<string[]> {
  const lines: string[] = [];
  const findings = await look(context);
  for (const find of FIND_ACTIVE) {
    for (const leftover of await findOrTell(find, findings, lines)) lines.push(...(await clean(leftover)));
  }
  const giveUp = performance.now() + withinMs;
  const afterwards = lines.length === 0 ? findings : await look(context);
  for (const find of FIND_STORED) {
    for (const leftover of await findOrTell(find, afterwards, lines)) {
      if (performance.now() > giveUp) return [...lines, 'there is more to clean up: `garland doctor --fix` does it'];
      lines.push(...(await clean(leftover)));
    }
  }
  return lines;
}

async function look(context: LeftoversContext): Promise<Findings> {
  const { issues } = await context.tracker.list();
  const runs = await listRuns(context);
  const byName = new Map(issues.map((issue) => [safeName(issue.id), issue]));
  const working = new Set(runs.flatMap(({ running }) => running.map(({ issueName }) => issueName)));
  const { active_states: activeStates, terminal_states: terminalStates } = context.config.tracker;
  const states = compileStates({ activeStates, terminalStates });
  const issueOf = (name: string) => byName.get(name);
  return {
    ...context,
    now: context.now ?? (() => new Date()),
    issues,
    runs,
    unwritten: await listUnwritten(context.dir),
    issueOf,
    isBusy: (name) => {
      const issue = issueOf(name);
      return working.has(name) || (issue !== undefined && states.isInProgress(issue));
    },
    isClosed: (issue) => states.isTerminal(issue),
  };
}

/** Only claims have to be right before a run starts. */
async function findOrTell(find: Find, findings: Findings, lines: string[]): Promise<Leftover[]> {
  try {
    return await find(findings);
  } catch (error) {
    if (find === findClaims) throw error;
    lines.push(`leftovers can't be looked for: ${messageOf(error)}`);
    return [];
  }
}

async function clean(leftover: Leftover): Promise<string[]> {
  if (leftover.plan !== 'clean') return [];
  try {
    return await leftover.clean();
  } catch (error) {
    if (leftover.kind === 'claim') throw error;
    return [`${leftover.what}: could not be cleaned up: ${messageOf(error)}`];
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
