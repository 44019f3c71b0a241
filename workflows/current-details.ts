import type { ActiveIssue, RunSnapshot } from '../src/contract/run.js';

const MAX_ROWS = 40;
const MAX_TITLE = 60;
/** Temporal's own limit is 20 KB. */
const MAX_LENGTH = 18_000;

/** The run in Markdown, for the Web UI: for somebody who knows Temporal and not garland. */
export function renderCurrentDetails(run: RunSnapshot): string {
  const counts = [
    `**${run.active.length}** active`,
    `**${run.succeeded.length}** succeeded`,
    `**${run.failed.length}** failed`,
    `**${run.refused.length}** refused`,
    ...(run.aborted.length > 0 ? [`**${run.aborted.length}** aborted`] : []),
    ...(run.summary ? [] : [`**${run.ready.length}** ready`]),
  ].join(' · ');
  const parts = [
    `### ${headline(run)}`,
    counts,
    run.summary ? '' : run.waitingFor,
    renderActive(run.active),
    renderRetries(run),
    renderFinished(run),
  ];
  return parts
    .filter((part) => part !== '')
    .join('\n\n')
    .slice(0, MAX_LENGTH);
}

function headline(run: RunSnapshot): string {
  if (run.summary) {
    const why = run.abortReason ?? run.summary.error;
    return `Run of ${cell(run.project)}: ${run.summary.outcome}${why ? ` (${cell(why)})` : ''}`;
  }
  return `Run of ${cell(run.project)}: ${run.phase}`;
}

function renderActive(active: ActiveIssue[]): string {
  if (active.length === 0) return '';
  const rows = active
    .slice(0, MAX_ROWS)
    .map((work) => `| ${cell(work.id)} | ${cell(work.title)} | ${work.attempt} | ${work.phase} | ${work.since} |`);
  return [
    '| issue | title | attempt | now | since |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    more(active.length),
  ].join('\n');
}

function renderRetries(run: RunSnapshot): string {
  if (run.retries.length === 0) return '';
  const rows = run.retries
    .slice(0, MAX_ROWS)
    .map((retry) => `| ${cell(retry.id)} | ${retry.attempt} | ${retry.dueAt} | ${cell(retry.reason)} |`);
  return [
    '| tried again | attempt | at | because |',
    '| --- | --- | --- | --- |',
    ...rows,
    more(run.retries.length),
  ].join('\n');
}

function renderFinished(run: RunSnapshot): string {
  const toLookAt = run.finished.filter((issue) => issue.outcome === 'failed' || issue.outcome === 'aborted');
  if (toLookAt.length === 0) return '';
  const rows = toLookAt
    .slice(-MAX_ROWS)
    .map((issue) => `| ${cell(issue.id)} | ${cell(issue.title)} | ${issue.outcome} | ${cell(issue.reason)} |`);
  return ['| to look at | title | outcome | why |', '| --- | --- | --- | --- |', ...rows, more(toLookAt.length)].join(
    '\n',
  );
}

function more(total: number): string {
  return total > MAX_ROWS ? `\n… and ${total - MAX_ROWS} more` : '';
}

/** Text of others in a table's cell: one line, short, no Markdown of its own. */
function cell(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const cut = line.length > MAX_TITLE ? `${line.slice(0, MAX_TITLE - 1)}…` : line;
  return cut.replaceAll(/[\\|`*_<>[\]]/g, String.raw`\$&`);
}
