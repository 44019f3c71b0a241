import type { Colors } from 'picocolors/types.js';
import type { FinishedIssue, RunResult } from '../../contract/run.js';
import { outcomeMark } from './describe-event.js';
import { formatElapsed } from './format-time.js';
import { formatUsage } from './format-usage.js';
import { toFirstLine, toPlainLine } from './terminal-text.js';

export interface Summary {
  result: RunResult;
  /** Milliseconds. */
  elapsed: number;
  /** Commits on the integration branch that the base branch lacks; undefined where that can't be told. */
  commits: number | undefined;
  /** The branch checked out in the user's folder; undefined: none. */
  checkedOut: string | undefined;
  webUrl: string | null;
  /** The server is garland's own and stays when the command ends. */
  embedded: boolean;
  colors: Colors;
  showPath: (path: string) => string;
}

/** What a person needs to know at the end: counts, what went wrong and where it lies, and what to type next. */
export function renderSummary(summary: Summary): string[] {
  const { result, colors } = summary;
  return [
    '',
    ...headline(summary),
    ...issuesThat('failed', summary),
    ...issuesThat('aborted', summary),
    ...(result.refused.length > 0 ? [`${colors.yellow('⊘')} not taken: ${result.refused.join(', ')}`] : []),
    '',
    ...nextSteps(summary),
  ];
}

function headline({ result, elapsed, colors }: Summary): string[] {
  const { succeeded, failed, aborted, refused, finished } = result;
  const nothingToDo = finished.filter(({ outcome }) => outcome === 'no_change').length;
  const counts = [
    `${succeeded.length} succeeded${nothingToDo > 0 ? ` (${nothingToDo} had nothing to do)` : ''}`,
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ...(aborted.length > 0 ? [`${aborted.length} aborted`] : []),
    ...(refused.length > 0 ? [`${refused.length} not taken`] : []),
  ];
  const used = formatUsage(result.usage);
  const title = colors.bold(`${toPlainLine(result.project)}: run ${result.outcome} in ${formatElapsed(elapsed)}`);
  return [
    `${title} · ${result.issuesSpawned === 0 ? 'nothing was started' : counts.join(', ')}${used === undefined ? '' : ` · ${used}`}`,
    ...(result.abortReason === null ? [] : [`${colors.yellow('aborted')}: ${toPlainLine(result.abortReason)}`]),
    ...(result.error === undefined ? [] : [`${colors.red('error')}: ${toPlainLine(result.error)}`]),
  ];
}

/** Details are there for the last few hundred issues only; of the others, the ids. */
function issuesThat(outcome: 'failed' | 'aborted', summary: Summary): string[] {
  const detailed = summary.result.finished.filter((issue) => issue.outcome === outcome);
  const known = new Set(detailed.map(({ id }) => id));
  const others = summary.result[outcome].filter((id) => !known.has(id));
  return [
    ...detailed.flatMap((issue) => issueLines(issue, summary)),
    ...(others.length > 0 ? [`${outcomeMark(outcome, summary.colors)} ${outcome}: ${others.join(', ')}`] : []),
  ];
}

function issueLines(issue: FinishedIssue, { colors, showPath }: Summary): string[] {
  const attempts = issue.attempts > 1 ? ` after ${issue.attempts} attempts` : '';
  return [
    `${outcomeMark(issue.outcome, colors)} ${issue.id} ${toPlainLine(issue.title)}: ${issue.outcome}${attempts}: ${toFirstLine(issue.reason)}`,
    ...(issue.workspace === undefined ? [] : [`    its work is kept in ${showPath(issue.workspace)}`]),
  ];
}

function nextSteps({ result, commits, checkedOut, webUrl, embedded, colors }: Summary): string[] {
  const { integration } = result;
  const steps: [label: string, text: string][] = [];
  if (integration && commits !== undefined && commits > 0) {
    const checkout = checkedOut === integration.base ? '' : `git checkout ${integration.base} && `;
    const count = `${commits} commit${commits === 1 ? '' : 's'} that ${integration.base} lacks`;
    steps.push(['Bring the work home', `${colors.bold(`${checkout}git merge ${integration.branch}`)}   (${count})`]);
  }
  if (result.failed.length > 0) steps.push(['Try the failed again', colors.bold('garland run --retry-failed')]);
  if (webUrl !== null) steps.push(['Look at the run', webUrl]);
  if (embedded) steps.push(['The server goes on', `${colors.bold('garland server stop')} ends it`]);
  const width = Math.max(0, ...steps.map(([label]) => label.length));
  return steps.map(([label, text]) => `${label.padEnd(width)}  ${text}`);
}
