import { stat } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { z } from 'zod';
import { DEFAULT_TRACKER_PATH, type Config } from '../config/schema.js';
import { findDatabase } from './beads-database.js';
import { chooseCommand } from './find-beads-program.js';
import { findOrigin, isOnGitHub } from '../github/repository-name.js';
import { hasGitHubToken } from '../github/token.js';
import { TrackerError } from './tracker.js';

type TrackerConfig = Config['tracker'];
export type TrackerKind = NonNullable<TrackerConfig['kind']>;

export interface ChosenTracker {
  kind: TrackerKind;
  /** Why this one, in a few words; undefined when the configuration says it. */
  because?: string;
}

/**
 * The tracker that the configuration names, or else the first one that the project has.
 *
 * @throws TrackerError, permanent, when it has none, or one that can't be worked with.
 */
export async function chooseTracker(projectDir: string, config: TrackerConfig): Promise<ChosenTracker> {
  if (config.kind !== undefined) return { kind: config.kind };
  for (const { look } of LOOKS) {
    const found = await look(projectDir, config);
    if (found !== undefined) return found;
  }
  const wanted = LOOKS.map(({ looksFor }) => looksFor).join('; ');
  throw new TrackerError(
    `${projectDir} has no tracker that garland finds. It looked for: ${wanted}. ` +
      'Make one (`br init`, `bd init`), or name it in WORKFLOW.md as tracker.kind',
    true,
  );
}

interface Look {
  looksFor: string;
  look: (projectDir: string, config: TrackerConfig) => Promise<ChosenTracker | undefined>;
}

/** In this order. Another tracker's look is another entry. */
const LOOKS: readonly Look[] = [
  { looksFor: 'the file that tracker.path names', look: lookForOwnFile },
  { looksFor: 'a database of beads in .beads', look: lookForDatabase },
  { looksFor: DEFAULT_TRACKER_PATH, look: lookForFile },
  { looksFor: 'a git remote origin on GitHub, with a token in the environment', look: lookForGitHub },
];

/** Somebody wrote tracker.path: that settles it, also when the file isn't there. */
async function lookForOwnFile(_projectDir: string, { path }: TrackerConfig): Promise<ChosenTracker | undefined> {
  return path === DEFAULT_TRACKER_PATH ? undefined : { kind: 'beads-jsonl', because: `tracker.path is ${path}` };
}

/** A program is needed then, the one that is named or one that is found: beside a database the file is a copy. */
async function lookForDatabase(projectDir: string, { provider }: TrackerConfig): Promise<ChosenTracker | undefined> {
  const folder = resolve(projectDir, dirname(DEFAULT_TRACKER_PATH));
  const database = await findDatabase(folder);
  if (database === undefined) return undefined;
  const command = namedCommand.safeParse(provider).data?.command ?? (await chooseCommand(projectDir));
  return {
    kind: 'beads',
    because: `by ${command}: there is the database ${relative(projectDir, folder)}/${database.name}`,
  };
}

/** What else is there, and what is wrong there, is told when that tracker is made. */
const namedCommand = z.looseObject({ command: z.string().trim().min(1) });

async function lookForFile(projectDir: string, { path }: TrackerConfig): Promise<ChosenTracker | undefined> {
  const isThere = await stat(resolve(projectDir, path)).then(
    () => true,
    () => false,
  );
  return isThere ? { kind: 'beads-jsonl', because: `there is ${path}, and no database beside it` } : undefined;
}

/** Without a token the repository may be on GitHub for any reason. */
async function lookForGitHub(
  projectDir: string,
  { api_key: apiKey, endpoint }: TrackerConfig,
): Promise<ChosenTracker | undefined> {
  if (!hasGitHubToken(apiKey)) return undefined;
  const origin = await findOrigin(projectDir);
  if (!origin || !(isOnGitHub(origin) || endpoint !== undefined)) return undefined;
  return { kind: 'github', because: `the git remote origin is ${origin.repository} on ${origin.host}` };
}
