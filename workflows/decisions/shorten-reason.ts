/** Of the first line: a gate's holds the whole command. */
const MAX_HEADLINE = 300;

/**
 * At most `length` UTF-16 units of what went wrong: the first line, which names it, and the end, where programs print
 * their summary. Never half a character.
 */
export function shortenReason(reason: string, length: number): string {
  if (reason.length <= length) return reason;
  const head = reason.slice(0, Math.min(firstLine(reason).length, MAX_HEADLINE, Math.floor(length / 3)));
  const between = '\n…\n';
  const end = reason.slice(head.length + between.length - length);
  return head.replace(/[\uD800-\uDBFF]$/, '') + between + end.replace(/^[\uDC00-\uDFFF]/, '');
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
