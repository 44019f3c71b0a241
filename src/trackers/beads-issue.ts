import { z } from 'zod';
import { readPriority } from './priority.js';
import type { Issue } from './tracker.js';

/** What one line of `.beads/issues.jsonl` says, as far as garland reads it. */
export interface BeadsIssue {
  issue: Issue;
  /** The name in garland's claim: the project that claimed it. */
  claimName?: string;
  /** What was found where the priority should be, when it can't be read. */
  unreadablePriority?: string;
}

export type ReadIssue = { ok: true; value: BeadsIssue } | { ok: false; reason: string };

const text = z.string().nullish();

/**
 * Unknown fields, types and statuses are let through. Known fields of the wrong kind are not: an issue must not be run
 * because its blockers or labels couldn't be read.
 */
const lineSchema = z.object({
  id: z
    .string()
    .refine((id) => id.trim() !== '', 'is empty')
    .refine((id) => !/\p{Cc}/u.test(id), 'holds control characters')
    .refine((id) => !/\p{Cs}/u.test(id), 'is not valid Unicode'),
  title: z.string(),
  status: z.string().min(1, 'is empty'),
  issue_type: text,
  priority: z.unknown().optional(),
  created_at: text,
  updated_at: text,
  description: text,
  design: text,
  acceptance_criteria: text,
  notes: text,
  assignee: text,
  external_ref: text,
  labels: z.array(z.string()).nullish(),
  dependencies: z.array(z.object({ depends_on_id: z.string(), type: text })).nullish(),
  garland_claim: z.object({ key: z.string(), name: text }).optional().catch(undefined),
});

export function readBeadsIssue(line: string): ReadIssue {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    const isConflict = /^(<{7}|={7}|>{7}|\|{7})/.test(line);
    const reason = isConflict ? 'a conflict of git that is not resolved' : `not JSON (${String(error)})`;
    return { ok: false, reason };
  }
  return readBeadsFields(json);
}

/** The same for what has been parsed already. */
export function readBeadsFields(json: unknown): ReadIssue {
  const { data, error } = lineSchema.safeParse(json);
  if (error) return { ok: false, reason: describeIssue(error.issues[0]!) };
  return { ok: true, value: toBeadsIssue(data) };
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

function toBeadsIssue(line: z.output<typeof lineSchema>): BeadsIssue {
  const { priority, unreadable } = readPriority(line.priority);
  const linked = (...types: string[]): string[] => {
    const links = (line.dependencies ?? []).filter((link) => types.includes(link.type ?? 'blocks'));
    return [...new Set(links.map((link) => link.depends_on_id))];
  };
  return {
    issue: {
      id: line.id,
      title: line.title,
      status: line.status,
      type: line.issue_type ?? 'task',
      priority,
      createdAt: line.created_at ?? undefined,
      updatedAt: line.updated_at ?? undefined,
      description: line.description ?? undefined,
      design: line.design ?? undefined,
      acceptanceCriteria: line.acceptance_criteria ?? undefined,
      notes: line.notes ?? undefined,
      assignee: line.assignee ?? undefined,
      labels: line.labels ?? [],
      parents: linked('parent-child'),
      // What beads itself waits for.
      blockers: linked('blocks', 'waits-for', 'conditional-blocks'),
      claimedBy: line.garland_claim?.key,
      url: /^https?:\/\//.test(line.external_ref ?? '') ? line.external_ref! : undefined,
    },
    claimName: line.garland_claim?.name ?? undefined,
    unreadablePriority: unreadable ? JSON.stringify(line.priority) : undefined,
  };
}
