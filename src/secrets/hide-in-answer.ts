import { hideSecrets } from './hide-secrets.js';

/** Where an activity's answer holds what programs, servers and agents have said. Ids and paths have to stay what they are. */
const TEXTS = new Set(['reason', 'lastMessage', 'output', 'warnings', 'notes']);

/** The answer as it may be written into a workflow's history. */
export function hideInAnswer(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(hideInAnswer);
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(
    Object.entries(answer).map(([key, value]) => [key, TEXTS.has(key) ? hideInText(value) : hideInAnswer(value)]),
  );
}

function hideInText(value: unknown): unknown {
  if (typeof value === 'string') return hideSecrets(value);
  return Array.isArray(value) ? value.map(hideInText) : hideInAnswer(value);
}

/** Changed in place, as what an error is tells whether it is tried again. Its causes, too. */
export function hideInError(error: unknown): void {
  for (let each = error; each instanceof Error; each = each.cause) {
    each.message = hideSecrets(each.message);
    if (each.stack !== undefined) each.stack = hideSecrets(each.stack);
  }
}
