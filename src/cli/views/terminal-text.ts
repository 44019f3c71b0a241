import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/** Cuts to so many terminal columns, with an ellipsis where something was cut off. */
export function cutToWidth(text: string, columns: number): string {
  if (columns <= 0) return '';
  if (stringWidth(text) <= columns) return text;
  let cut = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const width = stringWidth(segment);
    if (used + width > columns - 1) break;
    cut += segment;
    used += width;
  }
  return `${cut}…`;
}

/** Exactly so many columns: cut, or filled up with blanks on the right. */
export function fitToWidth(text: string, columns: number): string {
  const cut = cutToWidth(text, columns);
  return cut + ' '.repeat(Math.max(0, columns - stringWidth(cut)));
}

/**
 * One line that does nothing to the terminal. Titles and agents' output come from outside: an escape sequence in them
 * could rewrite what a person reads, and a direction mark could reorder it.
 */
export function toPlainLine(text: string): string {
  return stripVTControlCharacters(text).replaceAll(unprintable, ' ').replaceAll(/\s+/g, ' ').trim();
}

/** The first line of a text that may hold a gate's whole output, with an ellipsis where more follows. */
export function toFirstLine(text: string): string {
  const [first = '', ...more] = text.trim().split('\n');
  return more.length === 0 ? toPlainLine(first) : `${toPlainLine(first)} …`;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu;
