import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, vi } from 'vitest';
import { createBeadsTracker } from '../../src/trackers/beads.js';
import type { Issue, Tracker } from '../../src/trackers/tracker.js';
import { makeTemporaryFolder } from '../files/temporary-folder.js';
import { formatRow } from './beads-fixture.js';
import { br, hasBr, whyNoBr } from './real-br.js';
import { describeTracker } from './tracker-contract.js';

/** br takes only ids that begin with the project's prefix. */
const PREFIX = 'gar-';
const long = (id: string): string => PREFIX + id;
const short = (text: string): string => text.replaceAll(PREFIX, '');
const renamed = (issue: Issue, rename: (id: string) => string): Issue => ({
  ...issue,
  id: rename(issue.id),
  parents: issue.parents.map(rename),
  blockers: issue.blockers.map(rename),
});

const toLine = (issue: Issue, index: number): string => {
  const row = formatRow(renamed(issue, long), index);
  const closing = issue.status === 'closed' ? { closed_at: row['created_at'] } : {};
  return `${JSON.stringify({ ...row, ...closing })}\n`;
};

// A write of br's takes a tenth of a second, and seconds on a machine that is busy.
vi.setConfig({ testTimeout: 300_000 });

describe.skipIf(!hasBr)(`by br itself${whyNoBr}`, () => {
  describeTracker(
    'beads',
    async (issues) => {
      const dir = makeTemporaryFolder();
      const run = (...args: string[]) => execa(br, args, { cwd: dir });
      const file = join(dir, '.beads', 'issues.jsonl');
      await run('init', '--prefix', PREFIX.slice(0, -1));
      writeFileSync(file, issues.map(toLine).join(''));
      await run('sync', '--import-only');
      const create = () => withShortIds(createBeadsTracker({ projectDir: dir, command: br }));
      return {
        tracker: create(),
        another: create,
        edit: async (id, { status, assignee }) => {
          if (status === 'closed') await run('close', long(id), '--force');
          else if (status !== undefined) await run('update', long(id), `--status=${status}`);
          if (assignee !== undefined) await run('update', long(id), `--assignee=${assignee}`);
        },
        remove: async (id) => void (await run('delete', long(id), '--force', '--reason', 'test')),
        makeWorkspace: async (added) => {
          const workspace = makeTemporaryFolder();
          mkdirSync(join(workspace, '.beads'));
          const lines = added.map((issue, index) => toLine(issue, issues.length + index));
          writeFileSync(join(workspace, '.beads/issues.jsonl'), readFileSync(file, 'utf8') + lines.join(''));
          return workspace;
        },
      };
    },
    { many: 6, dangling: false },
  );
});

/** As the contract names them. */
function withShortIds(tracker: Tracker): Tracker {
  return {
    kind: tracker.kind,
    ownPaths: tracker.ownPaths,
    async list() {
      const { issues, warnings } = await tracker.list();
      return { issues: issues.map((issue) => renamed(issue, short)), warnings: warnings.map(short) };
    },
    async claim(id, claim, options) {
      const result = await tracker.claim(long(id), claim, options);
      if (result.claimed) return { claimed: true, issue: renamed(result.issue, short) };
      return { claimed: false, reason: short(result.reason) };
    },
    release: (id, claim, mark) => tracker.release(long(id), claim, mark),
    close: (id, claim, reason) => tracker.close(long(id), claim, reason),
    adopt: async (workspace) => (await tracker.adopt(workspace)).map(short),
  };
}
