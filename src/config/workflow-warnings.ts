import type { FrontMatter, LocatedProblem } from './front-matter.js';
import type { SchemaNode } from './json-schema.js';
import { TRACKERS } from './schema.js';
import { findInSections, findNearest } from './suggest-key.js';

/**
 * Keys that have no effect although they look as if: unknown ones at the top, which belong to other programs unless
 * they are nearly one of ours, and those that are accepted for Symphony's sake alone.
 */
export function listWarnings(root: SchemaNode, front: FrontMatter): LocatedProblem[] {
  const sections = Object.keys(root.properties ?? {});
  return Object.entries(front.value).flatMap(([key, value]): LocatedProblem[] => {
    if (sections.includes(key)) return listUnused(root, front, key, value);
    const meant = findNear(root, sections, key);
    const text = `not a key of garland's and left alone; did you mean ${meant}?`;
    return meant === undefined ? [] : [{ path: [key], line: front.lineOf([key]), text }];
  });
}

/** Stricter than for keys inside a section: `server` and the like are other programs' and no mistake. */
function findNear(root: SchemaNode, sections: string[], key: string): string | undefined {
  const near = findNearest(sections, key);
  const isNear = near !== undefined && near.length > 3 && Math.abs(near.length - key.length) <= 1;
  return isNear ? near : findInSections(root, key);
}

function listUnused(root: SchemaNode, front: FrontMatter, section: string, value: unknown): LocatedProblem[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value)
    .map((key) => ({ path: [section, key], text: whyUnused(root, section, key) ?? whyOthers(section, key, value) }))
    .flatMap(({ path, text }) => (text === undefined ? [] : [{ path, line: front.lineOf(path), text }]));
}

/** What another tracker needs than the one that is named; without a name it may be what tells which one there is. */
function whyOthers(section: string, key: string, value: object): string | undefined {
  const named = TRACKERS.find((kind) => 'kind' in value && value.kind === kind);
  const isOthers = section === 'tracker' && ['endpoint', 'api_key'].includes(key);
  return isOthers && named !== undefined && named !== 'github'
    ? `for the tracker github alone; ${named} doesn't use it`
    : undefined;
}

/** An unknown key gets as far as this only in a section that lets it. */
function whyUnused(root: SchemaNode, section: string, key: string): string | undefined {
  const known = root.properties?.[section]?.properties ?? {};
  if (Object.hasOwn(known, key)) return known[key]?.unused ? "is Symphony's; garland doesn't use it" : undefined;
  const near = findNearest(Object.keys(known), key);
  return `not a key of garland's and left alone${near === undefined ? '' : `; did you mean ${near}?`}`;
}
