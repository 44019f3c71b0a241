import type { Colors } from 'picocolors/types.js';
import type { PlannedRetry, RunSnapshot } from '../../contract/run.js';
import { outcomeMark } from './describe-event.js';
import { formatMoment } from './format-time.js';
import { describeMeter } from './format-usage.js';
import { renderActive, renderHeader } from './render-screen.js';
import { cutToWidth, toFirstLine, toPlainLine } from './terminal-text.js';

export interface Status {
  snapshot: RunSnapshot;
  /** Milliseconds since the epoch. */
  now: number;
  columns: number;
  webUrl: string | null;
  note: string | undefined;
  colors: Colors;
  showPath: (path: string) => string;
}

/** A run at one moment, whole: what is at work, what comes, what needs a person. */
export function renderStatus(status: Status): string[] {
  const { snapshot, columns, webUrl, note, colors } = status;
  const cut = (text: string): string => cutToWidth(` ${text}`, columns);
  const screen = {
    ...status,
    rows: Number.POSITIVE_INFINITY,
    trouble: undefined,
    hint: '',
    lastOutput: new Map<string, string>(),
  };
  return [
    ...renderHeader(screen),
    ...renderActive(screen, Number.POSITIVE_INFINITY),
    ...snapshot.retries.map((retry) => cut(describeRetry(retry, status.now))),
    ...describeLimits(status).map(cut),
    ...(snapshot.ready.length > 0 ? [cut(`ready: ${snapshot.ready.join(', ')}`)] : []),
    ...(snapshot.budgets ?? []).map((meter) => cut(`budget of the ${meter.scope}: ${describeMeter(meter)}`)),
    ...needsPerson(status),
    ...(snapshot.refused.length > 0 ? [cut(`not taken: ${snapshot.refused.join(', ')}`)] : []),
    cut(toPlainLine(snapshot.waitingFor)),
    ...(note === undefined ? [] : [colors.yellow(cut(note))]),
    ...(webUrl === null ? [] : [colors.dim(` ${webUrl}`)]),
  ];
}

function describeRetry({ id, attempt, dueAt, reason }: PlannedRetry, now: number): string {
  const when = Date.parse(dueAt) > now ? `at ${formatMoment(dueAt, now)}` : 'as soon as it has a slot';
  return `${toPlainLine(id)} is tried again (#${attempt}) ${when}: ${toFirstLine(reason)}`;
}

/** Also while the run waits for something else before that. */
function describeLimits({ snapshot: { usageLimits, summary }, now }: Status): string[] {
  if (summary) return [];
  return usageLimits
    .filter(({ until }) => Date.parse(until) > now)
    .map(({ kind, until, reason }) => `${kind}: usage limit until ${formatMoment(until, now)}: ${toFirstLine(reason)}`);
}

function needsPerson({ snapshot, columns, colors, showPath }: Status): string[] {
  return snapshot.finished
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'aborted')
    .flatMap(({ id, outcome, reason, workspace }) => [
      ` ${outcomeMark(outcome, colors)} ${cutToWidth(`${toPlainLine(id)} ${outcome}: ${toFirstLine(reason)}`, columns - 3)}`,
      ...(workspace === undefined ? [] : [`     its work is kept in ${showPath(workspace)}`]),
    ]);
}
