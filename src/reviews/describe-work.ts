import { closeNothing } from '../github/closing-words.js';
import { cleanText } from '../processes/read-tail.js';
import type { Issue } from '../trackers/tracker.js';
import type { PullRequestText } from './pull-requests.js';

export interface WorkDescription {
  /** Undefined when it is gone from the tracker. */
  issue: Issue | undefined;
  issueId: string;
  issueTitle: string;
  /** `owner/name`, to tell an issue of the same repository, which is closed with the pull request. */
  repository: string;
  /** The agent's last message. */
  said?: string;
  /** The gate's commands, with the end of what each printed. */
  gate: { command: string; output: string }[];
  /** Whether merging it is to close the issue. */
  closes: boolean;
}

const BEGIN = '<!-- garland: this part is kept up to date; write above or below it -->';
const END = '<!-- garland: end -->';
const GAP = '\n\n';
const MAX_DESCRIPTION = 10_000;
const MAX_SAID = 2_000;
const MAX_COMMAND = 1_000;
const MAX_OUTPUT = 2_000;
/** Of all of it. GitHub takes 65,536 characters, and people may write around it. */
const MAX_LENGTH = 50_000;

/**
 * A pull request's title and text. Issues, agents and gates may say anything, so what they say stands in blocks of code, where it
 * mentions nobody and closes nothing.
 */
export function describeWork(work: WorkDescription): PullRequestText {
  const { issueId, issueTitle, issue, said, gate } = work;
  const title = closeNothing(`${issueId}: ${issueTitle}`.replaceAll(/\s+/g, ' ')).slice(0, 200);
  const parts = [
    BEGIN,
    referTo(work),
    ...(issue?.description ? ['### The issue', quote(issue.description, MAX_DESCRIPTION)] : []),
    ...(said ? ['### What the agent said', quote(said, MAX_SAID)] : []),
    ...(gate.length > 0 ? ['### Checks', 'All of these passed on this commit:'] : []),
  ];
  const checks = showChecks(gate, MAX_LENGTH - parts.join(GAP).length);
  return { title, body: [...parts, ...checks, END].join(GAP) };
}

/** As many as there is room for. */
function showChecks(gate: WorkDescription['gate'], room: number): string[] {
  const shown: string[] = [];
  let left = room;
  for (const { command, output } of gate) {
    const check = `${quote(command, MAX_COMMAND)}\n${fold(output)}`;
    left -= GAP.length + check.length;
    if (left < 0) return [...shown, `There is no room here for ${gate.length - shown.length} more.`];
    shown.push(check);
  }
  return shown;
}

/** Another text with garland's part in the place of the one it has; without one it is people's alone, and stays. */
export function replaceOwnPart(body: string, own: string): string {
  const from = body.indexOf(BEGIN);
  const to = body.indexOf(END, from);
  if (from === -1 || to === -1) return body;
  return body.slice(0, from) + own + body.slice(to + END.length);
}

function referTo({ issue, issueId, repository, closes }: WorkDescription): string {
  const url = issue?.url;
  const number = url === undefined ? undefined : findNumber(url, repository);
  if (number !== undefined) return `${closes ? 'Closes' : 'For'} #${number}`;
  const isLink = url !== undefined && /^https?:\/\/[^\s<>]+$/.test(url);
  return `Issue ${inline(issueId)}${isLink ? `: <${url}>` : ''}`;
}

/** Of an issue of this repository. */
function findNumber(url: string, repository: string): string | undefined {
  const [, name, number] = /^https?:\/\/[^/]+\/([^/]+\/[^/]+)\/issues\/(\d+)$/.exec(url) ?? [];
  return name?.toLowerCase() === repository.toLowerCase() ? number : undefined;
}

const inline = (text: string): string => `\`${text.replaceAll('`', "'").replaceAll(/\s+/g, ' ')}\``;

function fold(output: string): string {
  const shown = output.trim() === '' ? 'It printed nothing.' : quote(output, MAX_OUTPUT, 'end');
  return `<details><summary>Output</summary>\n\n${shown}\n\n</details>`;
}

/** A block of code that nothing in it can end. */
function quote(text: string, length: number, keep: 'beginning' | 'end' = 'beginning'): string {
  const clean = cleanText(text).trim();
  const cut = keep === 'end' ? clean.slice(-length) : clean.slice(0, length);
  const shown = cut.length === clean.length ? clean : keep === 'end' ? `…${cut}` : `${cut}…`;
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${Buffer.from(shown).toString()}\n${fence}`;
}
