import type { Colors } from 'picocolors/types.js';
import type { Leftover } from '../../leftovers/leftover.js';
import { toPlainLine } from '../views/terminal-text.js';
import type { Check } from './check.js';

export interface Report {
  checks: Check[];
  /** What was cleaned up, one line each. */
  cleaned: string[];
  /** What there is (still). */
  leftovers: Leftover[];
}

/** Nothing for a person to do. What is kept on purpose is fine. */
export function isHealthy({ checks, leftovers }: Report): boolean {
  return checks.every(({ status }) => status !== 'failed') && leftovers.every(({ plan }) => plan === 'keep');
}

/** Paths in the project's folder are shown from there. */
export function renderReport(report: Report, { colors, dir }: { colors: Colors; dir: string }): string[] {
  const { checks, cleaned, leftovers } = report;
  const show = (text: string): string => toPlainLine(text.replaceAll(`${dir}/`, ''));
  const width = Math.max(...checks.map(({ name }) => name.length), 'progress'.length, 'workspace'.length);
  const row = (mark: string, name: string, text: string): string => `${mark} ${name.padEnd(width)}  ${show(text)}`;
  const marks = { ok: colors.green('✔'), warning: colors.yellow('!'), failed: colors.red('✖') };
  const plans = { clean: colors.yellow('!'), keep: colors.dim('·'), person: colors.red('✖') };
  return [
    ...checks.map(({ name, status, says }) => row(marks[status], name, says)),
    ...(cleaned.length > 0 ? ['', 'Cleaned up:', ...cleaned.map((line) => `  ${show(line)}`)] : []),
    ...(leftovers.length > 0 ? ['', 'Left over by earlier runs:'] : []),
    ...leftovers.map(({ kind, what, why, plan, how }) => row(plans[plan], kind, `${what}: ${why}; ${how}`)),
    ...(leftovers.some(({ plan }) => plan === 'clean')
      ? ['', '`garland doctor --fix` does what is marked with !, and so does the next run']
      : []),
    ...(isHealthy(report) ? ['', 'Nothing is wrong.'] : []),
  ];
}
