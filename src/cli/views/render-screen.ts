import type { Colors } from 'picocolors/types.js';
import stringWidth from 'string-width';
import type { ActiveIssue, FinishedIssue, RunSnapshot } from '../../contract/run.js';
import { outcomeMark } from './describe-event.js';
import { formatElapsed } from './format-time.js';
import { formatUsage } from './format-usage.js';
import { cutToWidth, fitToWidth, toFirstLine, toPlainLine } from './terminal-text.js';

export interface Screen {
  snapshot: RunSnapshot;
  /** Milliseconds since the epoch. */
  now: number;
  columns: number;
  rows: number;
  webUrl: string | null;
  /** What is wrong right now, such as a server that can't be reached. */
  trouble: string | undefined;
  /** What the keys do. */
  hint: string;
  /** Last line of each agent's output, by issue. */
  lastOutput: ReadonlyMap<string, string>;
  colors: Colors;
}

/** The live area, line by line: never wider than the terminal, and always lower than it, so that it can be redrawn in place. */
export function renderScreen(screen: Screen): string[] {
  const height = Math.max(1, screen.rows - 1);
  const header = renderHeader(screen);
  const footer = renderFooter(screen);
  const room = height - header.length - footer.length;
  const active = renderActive(screen, Math.max(0, room));
  const finished = renderFinished(screen, Math.min(recentlyFinished, room - active.length - 2));
  const body = finished.length > 0 ? [...active, '', ...finished, ''] : active;
  return [...header, ...body, ...footer].slice(0, height);
}

const recentlyFinished = 3;

export function renderHeader({
  snapshot,
  now,
  columns,
  colors,
}: Pick<Screen, 'snapshot' | 'now' | 'columns' | 'colors'>): string[] {
  const name = ` garland · ${toPlainLine(snapshot.project)} · ${snapshot.summary?.outcome ?? snapshot.phase}`;
  const used = formatUsage(snapshot.usage);
  const title = [
    name,
    ...(snapshot.summary ? [] : [formatElapsed(now - Date.parse(snapshot.startedAt))]),
    ...(used === undefined ? [] : [used]),
  ].join(' · ');
  const { succeeded, failed, aborted, active, ready, retries } = snapshot;
  const parts = [
    { text: `${succeeded.length} done`, paint: colors.green },
    ...(failed.length > 0 ? [{ text: `${failed.length} failed`, paint: colors.red }] : []),
    ...(aborted.length > 0 ? [{ text: `${aborted.length} aborted`, paint: colors.yellow }] : []),
    { text: `${active.length} active`, paint: colors.cyan },
    ...(retries.length > 0 ? [{ text: `${retries.length} again later`, paint: String }] : []),
    { text: `${ready.length} ready`, paint: String },
  ];
  const plain = parts.map(({ text }) => text).join('  ');
  const painted = parts.map(({ text, paint }) => paint(text)).join('  ');
  const gap = columns - 1 - stringWidth(title) - stringWidth(plain);
  if (gap >= 2) return [`${colors.bold(title)}${' '.repeat(gap)}${painted}`];
  return [
    colors.bold(cutToWidth(title, columns)),
    stringWidth(plain) < columns ? ` ${painted}` : cutToWidth(plain, columns),
  ];
}

function renderFooter({ snapshot, columns, colors, webUrl, trouble, hint }: Screen): string[] {
  const cut = (text: string): string => cutToWidth(` ${text}`, columns);
  return [
    ...(trouble === undefined ? [] : [colors.red(cut(toPlainLine(trouble)))]),
    cut(toPlainLine(snapshot.waitingFor)),
    ...(webUrl === null ? [] : [colors.dim(cut(webUrl))]),
    colors.dim(cut(hint)),
  ];
}

export function renderActive(screen: Screen, room: number): string[] {
  const { active } = screen.snapshot;
  const shown = active.length > room ? active.slice(0, Math.max(0, room - 1)) : active;
  const widths = columnWidths(screen.columns, shown);
  const lines = shown.map((issue) => renderActiveIssue(issue, widths, screen));
  if (shown.length < active.length && room > 0)
    lines.push(cutToWidth(` … and ${active.length - shown.length} more`, screen.columns));
  return lines;
}

interface Widths {
  id: number;
  title: number;
  output: number;
}

/** Id, title, attempt and phase, elapsed; the agent's last line only where there is room for something readable. */
function columnWidths(columns: number, active: ActiveIssue[]): Widths {
  const longestId = Math.max(4, ...active.map(({ id }) => stringWidth(id)));
  const id = Math.min(longestId, Math.max(6, Math.floor(columns / 4)));
  const rest = columns - 1 - id - 1 - 1 - statusWidth;
  if (rest < 40) return { id, title: Math.max(0, rest), output: 0 };
  const title = Math.floor(rest / 2);
  return { id, title, output: rest - title - 1 };
}

/** `#2.3 verifying  1:02:03`, with a blank before it: attempt and, from the second on, turn. */
const statusWidth = 24;

function renderActiveIssue(issue: ActiveIssue, widths: Widths, { now, columns, lastOutput, colors }: Screen): string {
  const since = issue.phase === 'running' ? (issue.startedAt ?? issue.since) : issue.since;
  const turn = issue.turn === undefined ? '' : `.${issue.turn}`;
  const phase = fitToWidth(`#${issue.attempt}${turn} ${issue.phase}`, 15);
  const elapsed = formatElapsed(now - Date.parse(since)).padStart(statusWidth - 17);
  const id = fitToWidth(toPlainLine(issue.id), widths.id);
  const title = fitToWidth(toPlainLine(issue.title), widths.title);
  const told = [issue.agent?.kind, formatUsage(issue.usage), lastOutput.get(issue.id)];
  const output = toPlainLine(told.filter((part) => part !== undefined).join(' · '));
  const line = ` ${id} ${title} ${phase} ${elapsed}`;
  // Cutting comes before painting: a cut escape sequence would colour the rest of the screen.
  if (stringWidth(line) > columns) return cutToWidth(line, columns);
  return ` ${colors.bold(id)} ${title} ${colors.cyan(phase)} ${elapsed}${widths.output > 0 ? colors.dim(` ${cutToWidth(output, widths.output - 1)}`) : ''}`;
}

function renderFinished({ snapshot, columns, colors }: Screen, room: number): string[] {
  if (room <= 0) return [];
  return snapshot.finished.slice(-room).map((issue) => renderFinishedIssue(issue, columns, colors));
}

function renderFinishedIssue(issue: FinishedIssue, columns: number, colors: Colors): string {
  const text = `${toPlainLine(issue.id)} ${toPlainLine(issue.title)} · ${toFirstLine(issue.reason)}`;
  return ` ${outcomeMark(issue.outcome, colors)} ${cutToWidth(text, columns - 3)}`;
}
