import { oneLine } from '../report-error.js';

/** One thing that has to be right for a run. */
export interface Check {
  name: string;
  /** `warning`: a run works all the same. */
  status: 'ok' | 'warning' | 'failed';
  /** One line for a person. */
  says: string;
}

/** What a check comes to that has not failed: text is fine. */
export type CheckAnswer = string | { warning: string };

/** A check that throws has failed, with the error's first line. */
export async function runCheck(name: string, check: () => Promise<CheckAnswer>): Promise<Check> {
  try {
    const answer = await check();
    if (typeof answer === 'string') return { name, status: 'ok', says: answer };
    return { name, status: 'warning', says: answer.warning };
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : '').split('\n');
    return { name, status: 'failed', says: first === '' ? oneLine(error) : first };
  }
}

/** Fine if there is nothing to warn of. */
export function warnOf(warnings: string[], fine: string): CheckAnswer {
  if (warnings.length === 0) return fine;
  const more = warnings.length > 3 ? `; and ${warnings.length - 3} more` : '';
  return { warning: warnings.slice(0, 3).join('; ') + more };
}
