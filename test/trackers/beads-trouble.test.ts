import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runBeads } from '../../src/trackers/beads-program.js';
import { createBeadsTracker } from '../../src/trackers/beads.js';
import { TrackerError } from '../../src/trackers/tracker.js';
import { makeTemporaryFolder } from '../files/temporary-folder.js';
import { makeFakeProject, type FakeBeads } from './beads-fixture.js';
import { makeIssue } from './make-issue.js';

const run = { key: 'run-1', name: 'garland/project' };
const plain = { allowInProgress: false };

function open(fake: FakeBeads) {
  const project = makeFakeProject([makeIssue('a'), makeIssue('b', { blockers: ['a'] })], fake);
  return { ...project, tracker: createBeadsTracker({ projectDir: project.dir, command: project.command }) };
}

test('the program gets nothing with which the run could be steered', async () => {
  vi.stubEnv('TEMPORAL_API_KEY', 'planted');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { stdout } = await runBeads('env', makeTemporaryFolder(), []);
  expect(stdout).toContain('BEADS_NO_DAEMON=1');
  expect(stdout).not.toContain('TEMPORAL_');
});

test.each<[string, FakeBeads, RegExp, boolean]>([
  [
    'no JSON',
    { trouble: { list: { stdout: 'Found 2 issues:\n', exit: 0 } } },
    /`\S+br list` answered what is no JSON/,
    false,
  ],
  ['nothing', { trouble: { list: { stdout: '', exit: 0 } } }, /no JSON, or half of it/, false],
  [
    'half its JSON',
    { trouble: { list: { stdout: '[\n{"id":"a","title":"A","status":"open"},\n{"id":"b"}', exit: 0 } } },
    /half of it|no list/,
    false,
  ],
  [
    'an object that is no list',
    { trouble: { list: { stdout: '{"ok":true}', exit: 0 } } },
    /answered no list of issues/,
    false,
  ],
  [
    'an issue without a state',
    { trouble: { list: { stdout: '[{"id":"a","title":"A"}]', exit: 0 } } },
    /issue that can't be read: status/,
    true,
  ],
  [
    'links in a form of its own',
    { trouble: { list: { stdout: '[{"id":"a","title":"A","status":"open","dependencies":[{"on":"b"}]}]', exit: 0 } } },
    /can't be read: .*dependencies/,
    true,
  ],
  [
    'Latin-1',
    { trouble: { list: { stdout: '[{"id":"a","title":"\u00e9"}]', exit: 0, encoding: 'latin1' } } },
    /not UTF-8/,
    true,
  ],
  [
    'an error in words',
    { trouble: { list: { stderr: 'warning: old\nError: database is locked', exit: 1 } } },
    /`\S+ list`: .*database is locked/,
    false,
  ],
  [
    'a page that has more without rows',
    { trouble: { list: { stdout: '{"issues":[],"total":9,"has_more":true}', exit: 0 } } },
    /change faster/,
    false,
  ],
  [
    'fewer rows than it counts',
    { trouble: { list: { stdout: '{"issues":[],"total":2,"has_more":false}', exit: 0 } } },
    /change faster/,
    false,
  ],
  [
    'no database',
    {
      trouble: {
        list: {
          stdout: '{"error":{"code":"NOT_INITIALIZED","message":"Beads not initialized","hint":"run br init"}}',
          exit: 2,
        },
      },
    },
    /Beads not initialized \(run br init\)/,
    true,
  ],
  [
    'links of half the issues',
    { trouble: { show: { stdout: '[{"id":"a","title":"A","status":"open"}]', exit: 0 } } },
    /change faster/,
    false,
  ],
  ['another program', { trouble: { version: { stdout: 'bc 1.07.1\n', exit: 0 } } }, /neither bd nor br/, true],
  [
    'an old version',
    { old: true, version: '0.0.9' },
    /is br 0\.0\.9, which is too old: its `update` has no --add-label, --remove-label/,
    true,
  ],
])('a program that answers %s is an error, never a short list', async (_what, fake, message, permanent) => {
  const { tracker } = open(fake);
  const error: unknown = await tracker.list().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TrackerError);
  expect(error).toMatchObject({ message: expect.stringMatching(message), permanent });
  expect(String(error)).not.toContain('\n');
});

test('warnings before the JSON, and beside it, are passed over', async () => {
  const stdout = '[warn] old index\nNote: {"x"\n[\n{"id":"a","title":"A","status":"open","dependencies":[]}]\n';
  const { tracker } = open({ trouble: { list: { stdout, stderr: 'Warning: two of me\n', exit: 0 } } });
  expect((await tracker.list()).issues).toMatchObject([{ id: 'a', type: 'task', priority: 0 }]);
});

test('a program that is missing is told, and how to get one', async () => {
  const dir = makeTemporaryFolder();
  const tracker = createBeadsTracker({ projectDir: dir, command: join(dir, 'no-such-program') });
  await expect(tracker.list()).rejects.toThrow(
    /there is no program .*no-such-program: install .*tracker\.provider\.command/,
  );
});

test('a program that could not be asked is asked again', async () => {
  const { tracker, set } = open({ trouble: { version: { exit: 1, stderr: 'busy' } } });
  await expect(tracker.list()).rejects.toThrow(/busy/);
  set({});
  expect((await tracker.list()).issues).toHaveLength(2);
});

test('a program that hangs is killed, with what it started', async () => {
  const dir = makeTemporaryFolder();
  const script = 'sleep 300 & echo $! > pid; setsid sh -c "echo \\$\\$ > far; exec sleep 3" & wait';
  const started = performance.now();
  await expect(runBeads('sh', dir, ['-c', script], { timeoutMs: 500 })).rejects.toThrow(
    /did not answer in 0\.5 s and was killed/,
  );
  // One that left the group holds the pipes open, and isn't waited for.
  expect(performance.now() - started).toBeLessThan(2_800);
  const pid = Number(readFileSync(join(dir, 'pid'), 'utf8'));
  await expect.poll(() => isRunning(pid)).toBe(false);
  const far = Number(readFileSync(join(dir, 'far'), 'utf8'));
  await expect.poll(() => isRunning(far)).toBe(false);
});

const isRunning = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

test('ids and texts reach the program as they are, whatever they look like', async () => {
  const ids = ['-x', '--force', 'a b', "it's", '$(touch hacked)'];
  const { dir, command, read } = makeFakeProject(ids.map((id) => makeIssue(id)));
  const tracker = createBeadsTracker({ projectDir: dir, command });
  const note = '--status=closed\n$(touch hacked) `x` "q" \0é';
  for (const id of ids) {
    expect(await tracker.claim(id, run, plain)).toMatchObject({ claimed: true, issue: { id } });
    expect(await tracker.release(id, run, { label: 'needs-followup', note })).toBe('done');
  }
  expect(read().map(({ status, notes }) => [status, notes])).toEqual(ids.map(() => ['open', note.replace('\0', '')]));
  expect(readdirSync(dir)).not.toContain('hacked');
});

test('a part of an id is not the id', async () => {
  const { tracker, set } = open({});
  await tracker.list();
  set({ trouble: { show: { stdout: '[{"id":"ab","title":"Another","status":"open"}]', exit: 0 } } });
  expect(await tracker.claim('x', run, plain)).toEqual({ claimed: false, reason: 'x is not in the tracker' });
  await expect(tracker.claim('a', run, plain)).rejects.toThrow(/did not answer for a, which is listed/);
});

test('a write whose answer is lost is done, and doing it again changes nothing', async () => {
  const { tracker, read, set } = open({});
  await tracker.claim('a', run, plain);
  const claimed = read();
  // It claimed; nobody heard of it.
  expect(await tracker.claim('a', run, plain)).toMatchObject({ claimed: true });
  expect(read()).toEqual(claimed);
  set({ trouble: { close: { stderr: 'lost', exit: 1 } } });
  await expect(tracker.close('a', run, 'Landed')).rejects.toThrow(/lost/);
  expect(read()[0]).toMatchObject({ status: 'in_progress', labels: [] });
  set({});
  expect(await tracker.close('a', run, 'Landed')).toBe('done');
  expect(read()[0]).toMatchObject({ status: 'closed', labels: [], close_reason: 'Landed' });
  expect(await tracker.close('a', run, 'Landed')).toBe('already');
});

test('what the program refuses to start is a refusal, in its own words', async () => {
  const refusal = '{"error":{"code":"VALIDATION_FAILED","message":"cannot claim blocked issue: z","hint":null}}';
  const { tracker, set } = open({});
  await tracker.list();
  set({ trouble: { update: { stdout: refusal, exit: 4 } } });
  const reason: unknown = expect.stringMatching(/cannot claim blocked issue: z/);
  expect(await tracker.claim('a', run, plain)).toEqual({ claimed: false, reason });
  set({ trouble: { update: { stderr: 'Error: database is locked', exit: 1 } } });
  await expect(tracker.claim('a', run, plain)).rejects.toThrow(/database is locked/);
});
