import type { Colors } from 'picocolors/types.js';
import type { RunEvent } from '../../contract/events.js';
import type { EndReason } from '../../contract/outcomes.js';
import { formatElapsed, formatMoment } from './format-time.js';
import { describeMeter } from './format-usage.js';
import { toFirstLine, toPlainLine } from './terminal-text.js';

export interface EventContext {
  colors: Colors;
  /** The issue's title, where it is known. */
  titleOf: (id: string) => string | undefined;
  /** Shortens a path for a person. */
  showPath: (path: string) => string;
}

/** One line for a person, without its time. Undefined: nothing that a person needs to hear. */
export function describeEvent(event: RunEvent, context: EventContext): string | undefined {
  const text = describe(event, context);
  return text === undefined ? undefined : text.replaceAll('\n', ' ');
}

function describe(event: RunEvent, { colors, titleOf, showPath }: EventContext): string | undefined {
  switch (event.event) {
    case 'run_started':
      return `run ${event.runId} started`;
    case 'ready_issues':
      return `${event.ids.length} ready: ${listIds(event.ids)}`;
    case 'agent_started': {
      const title = titleOf(event.id);
      const again = [
        ...(event.attempt > 1 ? [`attempt ${event.attempt}`] : []),
        ...(event.turn === undefined ? [] : [`turn ${event.turn}`]),
      ].join(', ');
      return `${colors.cyan('▶')} ${event.id}${again === '' ? '' : ` (${again})`}${title ? ` ${toPlainLine(title)}` : ''} ${colors.dim(`in ${showPath(event.workspace)}`)}`;
    }
    case 'claim_refused':
      return `${colors.yellow('⊘')} ${event.id} not taken: ${toFirstLine(event.reason)}`;
    case 'waiting_for_agents':
      return undefined;
    case 'agent_finished':
      return `  ${event.id} agent ended: ${event.outcome.replaceAll('_', ' ')} after ${formatElapsed(event.seconds * 1000)}`;
    case 'work_rejected':
      return `${colors.yellow('↻')} ${event.id} goes on: ${toFirstLine(event.reason)}`;
    case 'retry_scheduled':
      return `${colors.yellow('↻')} ${event.id} again at ${formatMoment(event.dueAt, Date.parse(event.time))} (attempt ${event.attempt}): ${toFirstLine(event.reason)}`;
    case 'usage_limited':
      return `${colors.yellow('⏸')} ${event.id} usage limit: ${toFirstLine(event.reason)}; no ${event.kind} agent starts before ${formatMoment(event.until, Date.parse(event.time))}`;
    case 'budget_warning':
    case 'budget_reached':
    case 'waiting_for_budget':
      return describeBudget(event, colors);
    case 'attempt_held':
      return `${colors.yellow('⏸')} ${event.id} waits: ${toFirstLine(event.reason)}`;
    case 'issue_withdrawn':
      return `${colors.yellow('⊘')} ${event.id} is being stopped: ${toFirstLine(event.reason)}`;
    case 'idle':
      return `nothing is ready; looking again every ${formatElapsed(event.pollEveryMs)}`;
    case 'issue_finalized':
      return `${outcomeMark(event.outcome, colors)} ${event.id} ${event.outcome.replaceAll('_', ' ')}: ${toFirstLine(event.reason)}`;
    case 'abort_requested':
      return `${colors.yellow('abort')}: ${toFirstLine(event.reason)}`;
    case 'warning':
      return `${colors.yellow('warning')}: ${toPlainLine(event.message)}`;
    case 'no_more_issues':
      return endReasons[event.reason];
    case 'run_finished':
      return event.error ? `run ${event.outcome}: ${toPlainLine(event.error)}` : `run ${event.outcome}`;
  }
}

type BudgetEvent = Extract<RunEvent, { event: 'budget_warning' | 'budget_reached' | 'waiting_for_budget' }>;

function describeBudget(event: BudgetEvent, colors: Colors): string {
  const of = event.event !== 'waiting_for_budget' && event.id !== undefined ? event.id : event.scope;
  const spent = `${colors.yellow('budget')} of ${of}: ${describeMeter(event)} spent`;
  if (event.event === 'budget_warning') return spent;
  if (event.event === 'waiting_for_budget') return `${spent}; waiting for more`;
  return `${spent}; nothing ${event.scope === 'issue' ? 'more of it ' : ''}starts`;
}

export function outcomeMark(outcome: 'succeeded' | 'no_change' | 'failed' | 'aborted', colors: Colors): string {
  if (outcome === 'succeeded') return colors.green('✔');
  if (outcome === 'no_change') return colors.green('=');
  return outcome === 'failed' ? colors.red('✖') : colors.yellow('■');
}

/** At most ten ids: a backlog of hundreds would fill the screen. */
function listIds(ids: string[]): string {
  const shown = ids.slice(0, 10).join(', ');
  return ids.length > 10 ? `${shown} and ${ids.length - 10} more` : shown;
}

const endReasons: Record<EndReason, string> = {
  limit_reached: 'the limit of issues is reached',
  none_ready: 'nothing more is ready',
  all_refused: 'nothing more can be taken: every ready issue was refused',
};
