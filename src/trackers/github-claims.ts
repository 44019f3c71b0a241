import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { GitHub } from '../github/client.js';
import { GitHubError } from '../github/github-error.js';
import { createGitHubList } from './github-pages.js';
import { branchRow, commitRow, refRow, repositoryRow } from './github-rows.js';
import type { Place } from './place.js';
import type { Claim } from './tracker.js';

/** Who has an issue: what a claim's commit says. */
export interface ClaimRecord extends Claim, Place {
  /** The account that was put on the issue with the claim; nobody when somebody was on it already. */
  assigned?: string;
  /** Milliseconds since 1970, by GitHub's clock. */
  at: number;
  /** Two claims are never the same, so that their commits aren't either. */
  nonce: string;
}

/**
 * The claims of one issue, in their order: refs `refs/garland/claims/<issue>/1`, `/2` and so on. GitHub makes a ref only if
 * there is none of its name, so of many who put the next one onto the same log exactly one succeeds. None is ever moved or
 * deleted: a number that was seen taken stays taken, and what somebody decided on an old state can't be put onto a new one.
 */
export interface ClaimLog {
  /** How many there are. */
  length: number;
  /** The last claim, unless it was released. */
  holder?: ClaimRecord;
  /** Its commit. */
  sha?: string;
}

export interface GitHubClaims {
  /** The logs of all issues that were ever claimed. `holder` is not looked up: see `read`. */
  list(): Promise<Map<number, StoredLog>>;
  read(log: StoredLog | undefined): Promise<ClaimLog>;
  readOf(issue: number): Promise<ClaimLog>;
  /** Undefined when somebody else was faster, or the log isn't as long as thought: read it again. */
  claim(issue: number, log: ClaimLog, record: Omit<ClaimRecord, 'nonce'>): Promise<ClaimRecord | undefined>;
  /** Of a claim that was made here so recently that what shows it may not be there for readers yet. */
  findRecent(issue: number): ClaimRecord | undefined;
  /** Without effect when somebody has claimed it meanwhile. */
  release(issue: number, log: ClaimLog): Promise<void>;
}

/** The commits of a log by its numbers. */
export type StoredLog = ReadonlyMap<number, string>;

/** There is one of the name, or one is being made in this very moment. */
const TAKEN = [409, 422];

/** So long what was written may be missing in what is read: GitHub promises no more than that it is there soon. */
const SETTLED_AFTER_MS = 20_000;

const PREFIX = 'refs/garland/claims/';
const REF = /^refs\/garland\/claims\/(\d+)\/(\d+)$/;

const recordSchema = z.object({
  key: z.string(),
  name: z.string(),
  place: z.string(),
  host: z.string(),
  assigned: z.string().optional(),
  at: z.number(),
  nonce: z.string(),
});

export function createGitHubClaims(github: GitHub): GitHubClaims {
  const listRefs = createGitHubList(github, refRow, 'GET /repos/{owner}/{repo}/git/matching-refs/{+path}');
  const records = new Map<string, Promise<ClaimRecord | undefined>>();
  const recent = new Map<number, { record: ClaimRecord; madeAt: number }>();
  let tree: Promise<string> | undefined;

  async function listBelow(path: string): Promise<Map<number, StoredLog>> {
    const logs = new Map<number, Map<number, string>>();
    // They are found by the beginning of their names: 12 finds 120, too.
    for (const { ref, object } of await listRefs({ path: `garland/claims${path}` })) {
      const [, issue, number] = REF.exec(ref) ?? [];
      if (issue === undefined) continue;
      const log = logs.get(Number(issue)) ?? new Map<number, string>();
      logs.set(Number(issue), log.set(Number(number), object.sha));
    }
    return logs;
  }

  /** A commit never changes. One that can't be read as a claim counts as somebody's. */
  function readRecord(sha: string): Promise<ClaimRecord | undefined> {
    const known = records.get(sha);
    if (known) return known;
    const reading = fetchRecord(sha);
    records.set(sha, reading);
    reading.catch(() => records.delete(sha));
    return reading;
  }

  async function fetchRecord(sha: string): Promise<ClaimRecord> {
    const route = 'GET /repos/{owner}/{repo}/git/commits/{sha}';
    const { data } = await github.send(commitRow, route, { sha });
    const [, json = ''] = /\n\n(\{.*\})\s*$/s.exec(data.message) ?? [];
    const record = recordSchema.safeParse(parseJson(json));
    return record.data ?? { key: sha, name: 'an unreadable claim', place: '', host: '', at: 0, nonce: '' };
  }

  async function read(log: StoredLog | undefined): Promise<ClaimLog> {
    const length = Math.max(0, ...(log?.keys() ?? []));
    const sha = log?.get(length);
    // A release points where the claim does that it ends.
    if (sha === undefined || log?.get(length - 1) === sha) return { length };
    return { length, sha, holder: await readRecord(sha) };
  }

  /** Commits need a tree: the one that the repository's branch has, because it is surely there. */
  function findTree(): Promise<string> {
    tree ??= readTree(github);
    tree.catch(() => (tree = undefined));
    return tree;
  }

  async function append(issue: number, length: number, sha: string): Promise<boolean> {
    const ref = `${PREFIX}${issue}/${length + 1}`;
    try {
      await github.send(refRow, 'POST /repos/{owner}/{repo}/git/refs', { ref, sha });
      return true;
    } catch (error) {
      if (!(error instanceof GitHubError) || !TAKEN.includes(error.status ?? 0)) throw error;
      const { length: found } = await read((await listBelow(`/${issue}`)).get(issue));
      if (found > length) return false;
      throw new GitHubError(error.message, error.status, false);
    }
  }

  return {
    list: () => listBelow(''),
    read,
    readOf: async (issue) => read((await listBelow(`/${issue}`)).get(issue)),
    async claim(issue, { length }, claim) {
      const record = { ...claim, nonce: randomUUID() };
      const message = `${record.name} works on #${issue}\n\n${JSON.stringify(record)}`;
      const route = 'POST /repos/{owner}/{repo}/git/commits';
      const { data } = await github.send(commitRow, route, { message, tree: await findTree(), parents: [] });
      if (!(await append(issue, length, data.sha))) return undefined;
      recent.set(issue, { record, madeAt: performance.now() });
      return record;
    },
    findRecent(issue) {
      const found = recent.get(issue);
      if (found && performance.now() - found.madeAt < SETTLED_AFTER_MS) return found.record;
      recent.delete(issue);
      return undefined;
    },
    async release(issue, { length, sha }) {
      recent.delete(issue);
      if (sha !== undefined) await append(issue, length, sha);
    },
  };
}

async function readTree(github: GitHub): Promise<string> {
  const { data: repository } = await github.send(repositoryRow, 'GET /repos/{owner}/{repo}');
  const route = 'GET /repos/{owner}/{repo}/branches/{branch}';
  const { data } = await github.send(branchRow, route, { branch: repository.default_branch });
  return data.commit.commit.tree.sha;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
