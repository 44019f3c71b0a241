import { MARKS } from './tracker.js';

/**
 * Whether the label is among those that an issue carries, whatever the case and the white space around it: to GitHub `In-Review` is
 * `in-review`. A blank one is carried by none.
 */
export function hasLabel(labels: readonly string[], label: string): boolean {
  return label.trim() !== '' && labels.some((carried) => isSameLabel(carried, label));
}

export const isSameLabel = (a: string, b: string): boolean => normalize(a) === normalize(b);

export const isMark = (label: string): boolean => MARKS.some((mark) => isSameLabel(mark, label));

const normalize = (label: string): string => label.trim().toLowerCase();
