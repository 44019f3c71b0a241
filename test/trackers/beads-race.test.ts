import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatClaimLabel } from '../../src/trackers/beads-claim-label.js';
import { createBeadsTracker } from '../../src/trackers/beads.js';
import { compileSources } from '../files/compile-sources.js';
import { makeTemporaryFolder } from '../files/temporary-folder.js';
import { makeFakeProject, type FakeProject } from './beads-fixture.js';
import { makeIssue } from './make-issue.js';

let compiled: Awaited<ReturnType<typeof compileSources>>;
beforeAll(async () => {
  compiled = await compileSources('src/trackers/beads.ts');
});
afterAll(() => compiled.remove());

/** A coordinator: claims what it can, one after the other, and tells what it got. */
const program = ({ dir, command }: FakeProject, ids: string[], name: string): string => `
  import { createBeadsTracker } from ${JSON.stringify(join(compiled.folder, 'src/trackers/beads.js'))};
  const tracker = createBeadsTracker(${JSON.stringify({ projectDir: dir, command })});
  for (const id of ${JSON.stringify(ids)}) {
    const { claimed } = await tracker.claim(id, { key: ${JSON.stringify(`run-of-${name}`)}, name: ${JSON.stringify(`garland/${name}`)} }, { allowInProgress: false });
    if (claimed) console.log(id);
  }
`;

/** `far`: as on another machine, so that no lock of garland's lies between them. */
const claimAll = async (project: FakeProject, ids: string[], name: string, far: boolean): Promise<string[]> => {
  const env = far ? { XDG_STATE_HOME: makeTemporaryFolder() } : {};
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', program(project, ids, name)], {
    env,
  });
  return stdout.split('\n').filter(Boolean);
};

test.each([
  ['on one machine, by a program without a guard', { guard: false }, false],
  ['on two machines, by br', {}, true],
  ['on two machines, by bd', { dialect: 'bd' as const }, true],
])('two coordinators never both have an issue, %s', async (_where, fake, far) => {
  const ids = Array.from({ length: 8 }, (_, index) => `i${index}`);
  const project = makeFakeProject(
    ids.map((id) => makeIssue(id)),
    fake,
  );
  const [one = [], two = []] = await Promise.all(['one', 'two'].map((name) => claimAll(project, ids, name, far)));
  expect([...one, ...two].toSorted()).toEqual(ids);
  for (const row of project.read()) {
    const name = one.includes(String(row['id'])) ? 'one' : 'two';
    const label = formatClaimLabel({ key: `run-of-${name}`, name: `garland/${name}` });
    expect(row).toMatchObject({ status: 'in_progress', assignee: `garland/${name}`, labels: [label] });
  }
});

test('whoever finds another claim beside their own gives way', async () => {
  const project = makeFakeProject([makeIssue('a')], { guard: false });
  const other = formatClaimLabel({ key: 'run-9', name: 'garland/other' });
  // Written between this one's look and its write.
  project.set({ guard: false, alsoLabels: [other] });
  const tracker = createBeadsTracker({ projectDir: project.dir, command: project.command });
  const claim = { key: 'run-1', name: 'garland/project' };
  expect(await tracker.claim('a', claim, { allowInProgress: false })).toEqual({
    claimed: false,
    reason: 'a was claimed by another coordinator at the same moment',
  });
  expect(project.read()).toMatchObject([{ labels: [other] }]);
});
