import { z } from 'zod';
import { isClaimLabel } from './beads-claim-label.js';
import { readBeadsFields, type BeadsIssue } from './beads-issue.js';
import { TrackerError } from './tracker.js';

/** An issue as bd or br print it. */
export interface Row {
  id: string;
  /** Without claim, and without the labels that are one. */
  entry: BeadsIssue;
  claimLabels: string[];
  /** Whether it tells its links. */
  hasLinks: boolean;
  /** How many it has, if it tells. */
  linkCount?: number;
  /** The states of the issues that this one depends on, as far as it tells them: `show` does. */
  linkedStates: ReadonlyMap<string, string>;
}

/** One answer to `list`: all of it, or a page. */
export interface Page {
  rows: Row[];
  hasMore: boolean;
  /** How many there are on all pages, if the program says. */
  total?: number;
}

const linkSchema = z.union([
  z.object({ depends_on_id: z.string(), type: z.string().nullish() }),
  // As `show` has them: the other issue itself, with what links to it.
  z
    .object({ id: z.string(), dependency_type: z.string(), status: z.string().optional() })
    .transform(({ id, dependency_type: type, status }) => ({ depends_on_id: id, type, status })),
]);

const rowSchema = z.looseObject({
  id: z.string(),
  labels: z.array(z.string()).nullish(),
  dependencies: z.array(linkSchema).nullish(),
  dependency_count: z.number().int().optional(),
});

const whole = (rows: unknown[]) => ({ rows, hasMore: false, total: undefined });

const pageSchema = z.union([
  z.array(z.unknown()).transform(whole),
  z
    .object({ issues: z.array(z.unknown()), total: z.number().optional(), has_more: z.boolean().optional() })
    .transform(({ issues: rows, total, has_more: hasMore = false }) => ({ rows, hasMore, total })),
  z.object({ items: z.array(z.unknown()) }).transform(({ items }) => whole(items)),
  z.object({ data: z.array(z.unknown()) }).transform(({ data }) => whole(data)),
]);

/** Older versions show a single issue as it is. Not so a list: the last line of half a list may be an issue, too. */
const shownSchema = z.union([pageSchema, z.looseObject({ id: z.string() }).transform((row) => whole([row]))]);

/**
 * Reads what a command printed with `--json`: an array, or one of the envelopes that versions put around it. What the program
 * warned of before it is passed over.
 *
 * @param what The command, for errors.
 * @throws TrackerError when it isn't whole, or no list of issues.
 */
export function readPage(stdout: string, what: string): Page {
  return readWith(pageSchema, stdout, what);
}

/** What `show` answered, for the ids that it was asked for or for some of them. */
export function readShown(stdout: string, what: string): Row[] {
  return readWith(shownSchema, stdout, what).rows;
}

function readWith(schema: typeof pageSchema | typeof shownSchema, stdout: string, what: string): Page {
  const page = schema.safeParse(parseJson(stdout, what));
  if (!page.success) throw new TrackerError(`${what} answered no list of issues: ${quote(stdout)}`);
  const { rows, hasMore, total } = page.data;
  return { rows: rows.map((row) => readRow(row, what)), hasMore, total };
}

/** From the first line that begins a value which is whole. @throws TrackerError when there is none */
export function parseJson(stdout: string, what: string): unknown {
  let error: unknown;
  for (const { index } of stdout.matchAll(/^[[{]/gm)) {
    try {
      return JSON.parse(stdout.slice(index));
    } catch (problem) {
      error ??= problem;
    }
  }
  const reason = error instanceof Error ? ` (${error.message})` : '';
  throw new TrackerError(`${what} answered what is no JSON, or half of it${reason}: ${quote(stdout)}`);
}

function readRow(json: unknown, what: string): Row {
  const parsed = rowSchema.safeParse(json);
  if (!parsed.success) throw unreadable(what, json, z.prettifyError(parsed.error).replaceAll(/\s+/g, ' '));
  const { labels, dependencies, dependency_count: linkCount, ...fields } = parsed.data;
  const claimLabels = (labels ?? []).filter(isClaimLabel).toSorted();
  const read = readBeadsFields({
    ...fields,
    labels: labels?.filter((label) => !isClaimLabel(label)),
    dependencies,
    garland_claim: undefined,
  });
  if (!read.ok) throw unreadable(what, json, read.reason);
  const linkedStates = new Map<string, string>();
  for (const link of dependencies ?? []) {
    if ('status' in link && link.status !== undefined) linkedStates.set(link.depends_on_id, link.status);
  }
  const hasLinks = Array.isArray(dependencies);
  return { id: parsed.data.id, entry: read.value, claimLabels, hasLinks, linkCount, linkedStates };
}

function unreadable(what: string, json: unknown, reason: string): TrackerError {
  return new TrackerError(
    `${what} answered an issue that can't be read: ${reason}; it is ${quote(JSON.stringify(json))}`,
    true,
  );
}

const quote = (text: string): string => JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
