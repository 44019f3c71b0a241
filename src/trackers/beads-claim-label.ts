import { createHash } from 'node:crypto';
import type { Claim } from './tracker.js';

/**
 * The label that holds a claim in a database of beads: `garland:<key>:<tag>`. The tag stands for the name in it, because an
 * issue that is a person's keeps its assignee. br allows 50 of these characters; a run's id has 36.
 */
export function formatClaimLabel({ key, name }: Claim): string {
  return `garland:${key}:${tagOf(name)}`;
}

/** Undefined for any other label. */
export function parseClaimLabel(label: string): { key: string; tag: string } | undefined {
  const [, key, tag] = /^garland:([A-Za-z0-9_-]{1,36}):([A-Za-z0-9_-]{5})$/.exec(label) ?? [];
  return key !== undefined && tag !== undefined ? { key, tag } : undefined;
}

export const isClaimLabel = (label: string): boolean => parseClaimLabel(label) !== undefined;

/** Thirty bits: enough to tell the few projects apart that share a tracker. */
export const tagOf = (name: string): string => createHash('sha256').update(name).digest('base64url').slice(0, 5);
