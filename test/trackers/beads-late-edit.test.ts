import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createBeadsJsonlTracker } from '../../src/trackers/beads-jsonl.js';
import { ISSUES, makeProject, readLines } from './beads-project.js';

/** What happens between the last look at the file and its replacement, as when this process is made to wait there. */
let beforeRename: (() => void) | undefined;

vi.mock(import('node:fs'), async (importOriginal) => {
  const actual = await importOriginal();
  const renameSync: typeof actual.renameSync = (from, to) => {
    const act = beforeRename;
    beforeRename = undefined;
    act?.();
    actual.renameSync(from, to);
  };
  return { ...actual, renameSync };
});

const small = (id: string): string => `{"id":"${id}","title":"T","status":"open"}`;
const claim = { key: 'run-1', name: 'garland/project' };
const ids = (project: string): unknown[] => readLines(project).map((line) => (JSON.parse(line) as { id: string }).id);

test('an issue that is appended just before the file is replaced is there afterwards, and so is the claim', async () => {
  const project = makeProject([small('bd-1')]);
  const tracker = createBeadsJsonlTracker({ projectDir: project, path: ISSUES });
  beforeRename = () => fs.appendFileSync(join(project, ISSUES), `${small('bd-2')}\n`);
  expect(await tracker.claim('bd-1', claim, { allowInProgress: false })).toMatchObject({ claimed: true });
  expect(ids(project)).toEqual(['bd-1', 'bd-2']);
  const { issues } = await tracker.list();
  expect(issues.map(({ status }) => status)).toEqual(['in_progress', 'open']);
});

test('what an editor has only emptied by then is not taken for its edit', async () => {
  const project = makeProject([small('bd-1')]);
  const tracker = createBeadsJsonlTracker({ projectDir: project, path: ISSUES });
  beforeRename = () => fs.truncateSync(join(project, ISSUES));
  expect(await tracker.claim('bd-1', claim, { allowInProgress: false })).toMatchObject({ claimed: true });
  expect(ids(project)).toEqual(['bd-1']);
});
