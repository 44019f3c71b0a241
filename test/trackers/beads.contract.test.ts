import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBeadsTracker } from '../../src/trackers/beads.js';
import { makeTemporaryFolder } from '../files/temporary-folder.js';
import { formatRow, makeFakeProject, type FakeBeads } from './beads-fixture.js';
import { describeTracker } from './tracker-contract.js';

/** Both programs, at their newest and at an old version, with a page's end in between. */
const WAYS: [string, FakeBeads][] = [
  ['br', { page: 2 }],
  ['a bd of before it had guards', { dialect: 'bd', version: '0.28.0', guard: false, single: true }],
];

for (const [name, fake] of WAYS) {
  describeTracker(
    `beads, by ${name}`,
    async (issues) => {
      const { dir, command, read, write } = makeFakeProject(issues, fake);
      const create = () => createBeadsTracker({ projectDir: dir, command });
      return {
        tracker: create(),
        another: create,
        edit: async (id, fields) => write(read().map((row) => (row['id'] === id ? { ...row, ...fields } : row))),
        remove: async (id) => write(read().filter((row) => row['id'] !== id)),
        makeWorkspace: async (added) => {
          const workspace = makeTemporaryFolder();
          mkdirSync(join(workspace, '.beads'));
          const rows = [...read(), ...added.map((issue, index) => formatRow(issue, issues.length + index))];
          writeFileSync(join(workspace, '.beads/issues.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
          return workspace;
        },
      };
    },
    { many: 12, dangling: false },
  );
}
