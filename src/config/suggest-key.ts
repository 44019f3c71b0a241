import leven from 'leven';
import type { SchemaNode } from './json-schema.js';

/**
 * The key that an unknown one was probably meant to be: the nearest of its own section's, else a key of that name in
 * another section (`agent.max_issues` → `run.max_issues`). Nothing when nothing is near.
 */
export function suggestKey(root: SchemaNode, known: readonly string[], key: string): string | undefined {
  return findNearest(known, key) ?? findInSections(root, key);
}

/** The nearest of some words, at most a third of the letters away. */
export function findNearest(known: readonly string[], word: string): string | undefined {
  // Keys can be as long as the file: what is that much longer than any known word isn't near one.
  const maxDistance = Math.max(2, Math.floor(word.length / 3));
  const distances = known
    .filter((candidate) => Math.abs(candidate.length - word.length) <= maxDistance)
    .map((candidate) => ({ candidate, distance: leven(candidate, word.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.min(maxDistance, candidate.length - 1));
  return distances.toSorted((a, b) => a.distance - b.distance)[0]?.candidate;
}

/** `section.key` for the sections that have a key of just that name. */
export function findInSections(root: SchemaNode, key: string): string | undefined {
  const sections = Object.entries(root.properties ?? {}).filter(
    ([, section]) => section.properties !== undefined && Object.hasOwn(section.properties, key),
  );
  return sections.length === 0 ? undefined : sections.map(([name]) => `${name}.${key}`).join(' or ');
}
