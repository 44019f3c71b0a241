import { execa } from 'execa';
import { gitEnvironment } from '../workspaces/git-environment.js';
import type { RunResult } from '../contract/run.js';
import { renderSummary, type Summary } from './views/render-summary.js';

export interface SummaryOptions extends Pick<Summary, 'elapsed' | 'webUrl' | 'embedded' | 'colors' | 'showPath'> {
  result: RunResult;
  projectDir: string;
  print: (line: string) => void;
}

/** Asks git for what the run's own result doesn't hold, and prints the summary. */
export async function printSummary({ projectDir, print, ...rest }: SummaryOptions): Promise<void> {
  const { integration } = rest.result;
  const [commits, checkedOut] = integration
    ? await Promise.all([countCommits(projectDir, integration), readCheckedOut(projectDir)])
    : [undefined, undefined];
  for (const line of renderSummary({ ...rest, commits, checkedOut })) print(line);
}

async function countCommits(
  dir: string,
  { base, branch }: { base: string; branch: string },
): Promise<number | undefined> {
  const { failed, stdout } = await git(dir, 'rev-list', '--count', `${base}..${branch}`, '--');
  return failed ? undefined : Number(stdout);
}

async function readCheckedOut(dir: string): Promise<string | undefined> {
  const { failed, stdout } = await git(dir, 'symbolic-ref', '--quiet', '--short', 'HEAD');
  return failed ? undefined : stdout.trim();
}

function git(dir: string, ...args: string[]) {
  return execa('git', ['-C', dir, ...args], {
    env: gitEnvironment(process.env),
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
}
