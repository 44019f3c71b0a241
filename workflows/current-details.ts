import type { Usage } from '../src/contract/agents.js';
import type { ActiveIssue, RunSnapshot } from '../src/contract/run.js';
import { describeMeter, NO_USAGE } from './decisions/budgets.js';

const MAX_ROWS = 40;
const MAX_TITLE = 60;
const MAX_NEXT = 12;
/** Temporal's own limit is 20 KB. */
const MAX_LENGTH = 18_000;

/** The Web UI cuts some 30 pixels off the lower end of what it renders: this is what it may cut. */
const LOWER_MARGIN = '\n\n\u00A0';

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
    renderUsage(run),
    renderActive(run.active),
    renderRetries(run),
    renderNext(run),
    renderFinished(run),
    renderBranch(run),
  ];
  const text = parts.filter((part) => part !== '').join('\n\n');
  return `${text.slice(0, MAX_LENGTH)}${LOWER_MARGIN}`;
}

function headline(run: RunSnapshot): string {
  if (run.summary) {
    const why = run.abortReason ?? run.summary.error;
    return `Run of ${cell(run.project)}: ${run.summary.outcome}${why ? ` (${cell(why)})` : ''}`;
  }
  return `Run of ${cell(run.project)}: ${run.phase}`;
}

/** `Used: $1.20, 45000 tokens. Budget of the run: $1.20 of $5.00.` */
function renderUsage({ usage, budgets = [] }: RunSnapshot): string {
  const used = describeUsage(usage);
  const parts = budgets.map((meter) => `Budget of the ${meter.scope}: ${describeMeter(meter)}.`);
  return [...(used === '' ? [] : [`Used: ${used}.`]), ...parts].join(' ');
}

function describeUsage(usage: Usage = NO_USAGE): string {
  const tokens = usage.inputTokens + usage.outputTokens;
  const usd = usage.usd === null ? [] : [`$${usage.usd.toFixed(2)}`];
  return [...usd, ...(tokens === 0 ? [] : [`${tokens} tokens`])].join(', ');
}

function renderActive(active: ActiveIssue[]): string {
  if (active.length === 0) return '';
  const rows = active.slice(0, MAX_ROWS).map((work) => {
    const attempt = work.turn === undefined ? work.attempt : `${work.attempt}, turn ${work.turn}`;
    const agent = [work.agent?.kind ?? '', describeUsage(work.usage)].filter((part) => part !== '').join(', ');
    return `| ${cell(work.id)} | ${cell(work.title)} | ${agent} | ${attempt} | ${work.phase} | ${clock(work.since)} |`;
  });
  return [
    '| issue | title | agent | attempt | now | since (UTC) |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    more(active.length),
  ].join('\n');
}

function renderRetries(run: RunSnapshot): string {
  if (run.retries.length === 0) return '';
  const rows = run.retries
    .slice(0, MAX_ROWS)
    .map((retry) => `| ${cell(retry.id)} | ${retry.attempt} | ${clock(retry.dueAt)} | ${cell(retry.reason)} |`);
  return [
    '| tried again | attempt | at (UTC) | because |',
    '| --- | --- | --- | --- |',
    ...rows,
    more(run.retries.length),
  ].join('\n');
}

function renderNext({ ready, summary }: RunSnapshot): string {
  if (ready.length === 0 || summary) return '';
  const ids = ready.slice(0, MAX_NEXT).map(cell).join(', ');
  return `Next: ${ids}${ready.length > MAX_NEXT ? `, … and ${ready.length - MAX_NEXT} more` : ''}`;
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

function renderBranch({ integration }: RunSnapshot): string {
  if (integration === null) return '';
  return `Integration branch: ${cell(integration.branch)}, which follows ${cell(integration.base)}.`;
}

function more(total: number): string {
  return total > MAX_ROWS ? `\n… and ${total - MAX_ROWS} more` : '';
}

/** `11-23 05:33:06`: short enough for a column, and a run may last for days. */
function clock(iso: string): string {
  return iso.slice(5, 19).replace('T', ' ');
}

/** Text of others in a table's cell: one line, short, no Markdown of its own. */
function cell(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const cut = line.length > MAX_TITLE ? `${line.slice(0, MAX_TITLE - 1)}…` : line;
  return cut.replaceAll(/[\\|`*_<>[\]]/g, String.raw`\$&`);
}
