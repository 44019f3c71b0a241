import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.js';
import { createBeadsJsonlTracker } from '../../src/trackers/beads-jsonl.js';
import { createTracker } from '../../src/trackers/create-tracker.js';
import { TrackerError, type Claim, type Tracker } from '../../src/trackers/tracker.js';
import { formatIssue, ISSUES, makeProject, readIssues, readLines, writeIssues } from './beads-project.js';
import { makeIssue } from './make-issue.js';
import { makeTemporaryFolder } from '../files/temporary-folder.js';

const claim: Claim = { key: 'run-1', name: 'garland/project' };
const plain = { allowInProgress: false };
const now = (): Date => new Date('2026-02-03T04:05:06.700Z');
const open = (projectDir: string, path = ISSUES): Tracker => createBeadsJsonlTracker({ projectDir, path, now });
const small = (id: string, more = ''): string => `{"id":"${id}","title":"T","status":"open"${more}}`;

async function failureOf(work: () => Promise<unknown>): Promise<TrackerError> {
  const error = await work().catch((thrown: unknown) => thrown);
  if (!(error instanceof TrackerError)) throw new Error(`expected a TrackerError, not ${String(error)}`);
  return error;
}

test('what a claim, a release and closing write, to the letter', async () => {
  const line = String.raw`{"id": "bd-1", "zeta": 1.0, "title": "a \u003c b", "status": "open", "10": [12345678901234567890], "priority": 1}`;
  const others = [small('bd-0'), '', '  ', small('bd-2').replaceAll(',', ' ,')];
  const project = makeProject([others[0]!, line, ...others.slice(1)]);
  const tracker = open(project);
  const start = String.raw`{"id": "bd-1", "zeta": 1.0, "title": "a \u003c b", "status": `;
  const middle = ', "10": [12345678901234567890], "priority": 1';
  const at = '2026-02-03T04:05:06.7Z';

  await tracker.claim('bd-1', claim, plain);
  const held = `"garland_claim": {"key":"run-1","name":"garland/project","at":"${at}"}`;
  expect(readLines(project)[1]).toBe(
    `${start}"in_progress"${middle}, "assignee": "garland/project", "updated_at": "${at}", ${held}}`,
  );
  await tracker.release('bd-1', claim, { label: 'needs-followup', note: 'Why' });
  const marked = '"labels": ["needs-followup"], "notes": "Why"';
  expect(readLines(project)[1]).toBe(`${start}"open"${middle}, "updated_at": "${at}", ${marked}}`);
  await tracker.close('bd-1', claim, 'Landed');
  const closed = `"labels": [], "notes": "Why", "closed_at": "${at}", "close_reason": "Landed"`;
  expect(readLines(project)[1]).toBe(`${start}"closed"${middle}, "updated_at": "${at}", ${closed}}`);
  expect(readLines(project).toSpliced(1, 1)).toEqual(others);
});

test.each([
  ['a byte order mark', `\uFEFF${small('a')}\n${small('b')}\n`],
  ['CRLF', `${small('a')}\r\n\r\n${small('b')}\r\n`],
  ['no end of line at the end', `${small('a')}\n${small('b')}`],
  ['blank lines', `\n\n${small('a')}\n  \n${small('b')}\n\n\n`],
  ['separators of lines that JSON allows in texts', `${small('a', ',"x":"\u2028\u0085"')}\n${small('b')}\n`],
])('a file with %s keeps it', async (_what, content) => {
  const project = makeProject(content);
  const tracker = open(project);
  expect((await tracker.list()).issues.map(({ id }) => id)).toEqual(['a', 'b']);
  await tracker.close('b', claim, 'Done');
  const [before, after] = content.split(small('b'));
  expect(readIssues(project).startsWith(`${before}{"id":"b","title":"T","status":"closed",`)).toBe(true);
  expect(readIssues(project).endsWith(`"close_reason":"Done"}${after}`)).toBe(true);
});

test('an issue is read leniently: types, statuses and fields that nobody knows', async () => {
  const project = makeProject([
    small(
      'a',
      ',"issue_type":"saga","status":"musing","priority":"P3","x":{"y":[1]},"labels":null,"dependencies":null',
    ),
    small('../../b', ',"priority":"urgent","external_ref":"https://example.org/7"'),
    small(
      'c',
      ',"dependencies":[{"depends_on_id":"a","type":"parent-child"},{"depends_on_id":"a"},{"depends_on_id":"../../b","type":"related"}]',
    ),
  ]);
  const { issues, warnings } = await open(project).list();
  expect(issues).toMatchObject([
    { id: 'a', type: 'saga', status: 'musing', priority: 3, labels: [], parents: [], blockers: [] },
    { id: '../../b', type: 'task', priority: 0, url: 'https://example.org/7' },
    { id: 'c', type: 'task', priority: 0, parents: ['a'], blockers: ['a'] },
  ]);
  expect(warnings).toEqual([`${ISSUES}:2: the priority of ../../b can't be read ("urgent"); it counts as 0`]);
});

test.each([
  ['no JSON', '{"id":', /not JSON/],
  ['a conflict of git', '<<<<<<< HEAD', /conflict/],
  ['no object', '[1]', /expected object/],
  ['no id', '{"title":"T","status":"open"}', /id: /],
  ['an empty id', small(' '), /id: is empty/],
  ['an id of two lines', small(String.raw`a\nb`), /id: holds control characters/],
  ['an id with an escape', small(String.raw`a\u001b[2J`), /id: holds control characters/],
  ['an id that no text can be', small(String.raw`\ud800`), /id: is not valid Unicode/],
  ['no title', '{"id":"a","status":"open"}', /title: /],
  ['no status', '{"id":"a","title":"T"}', /status: /],
  ['blockers that are no list', small('a', ',"dependencies":"b"'), /dependencies: /],
  ['labels that are no texts', small('a', ',"labels":[1]'), /labels\.0: /],
  ['an id twice', small('first'), /first is on line 1 already/],
])('a line with %s is an error that names it, and nothing is written', async (_what, line, reason) => {
  const content = `${small('first')}\n\n${line}\n${small('last')}\n`;
  const project = makeProject(content);
  for (const work of [() => open(project).list(), () => open(project).claim('last', claim, plain)]) {
    const { message, permanent } = await failureOf(work);
    expect(message).toMatch(reason);
    expect(message.startsWith(`${ISSUES}:3: `)).toBe(true);
    expect(permanent).toBe(true);
  }
  expect(readIssues(project)).toBe(content);
});

test('bytes that are not UTF-8 are an error that names the line', async () => {
  const project = makeProject();
  writeFileSync(
    join(project, ISSUES),
    Buffer.concat([Buffer.from(`${small('a')}\n{"id":"`), Buffer.from([0xff]), Buffer.from('"}\n')]),
  );
  expect((await failureOf(() => open(project).list())).message).toMatch(/^\.beads\/issues\.jsonl:2: not UTF-8/);
});

test('a missing file is an error that says what to do; an empty one holds no issues', async () => {
  const project = makeProject();
  expect(await open(project).list()).toEqual({ issues: [], warnings: [] });
  rmSync(join(project, '.beads'), { recursive: true });
  for (const work of [() => open(project).list(), () => open(project).close('a', claim, 'Done')]) {
    expect(await failureOf(work)).toMatchObject({
      permanent: true,
      message: expect.stringMatching(/no such file; .*tracker\.path/),
    });
  }
  expect(existsSync(join(project, '.beads'))).toBe(false);
});

test.each([
  ['beads.db', () => ''],
  ['dolt', null],
])('beside the database %s nothing is read or written', async (name, content) => {
  const project = makeProject([small('a')]);
  const path = join(project, '.beads', name);
  if (content) writeFileSync(path, content());
  else mkdirSync(path);
  for (const work of [() => open(project).list(), () => open(project).claim('a', claim, plain)]) {
    expect(await failureOf(work)).toMatchObject({
      permanent: true,
      message: expect.stringContaining(`.beads/${name}: `),
    });
  }
  expect(readLines(project)).toEqual([small('a')]);
});

test("a database that has nothing to do with beads is nobody's business", async () => {
  const project = makeTemporaryFolder();
  writeFileSync(join(project, 'app.db'), '');
  writeFileSync(join(project, 'issues.jsonl'), small('a'));
  expect((await open(project, 'issues.jsonl').list()).issues).toHaveLength(1);
});

test('nothing is left beside the file, and what garland needs lies in .garland', async () => {
  const project = makeProject([small('a')]);
  await open(project).claim('a', claim, plain);
  expect(readdirSync(join(project, '.beads'))).toEqual(['issues.jsonl']);
  expect(readdirSync(project).toSorted()).toEqual(['.beads', '.garland']);
  expect(readdirSync(join(project, '.garland/locks'))).toEqual([]);
});

test('what changes nothing writes nothing', async () => {
  const project = makeProject([small('a', ',"status":"closed"')]);
  const { ino, mtimeNs, ctimeNs } = statSync(join(project, ISSUES), { bigint: true });
  const tracker = open(project);
  await Promise.all([tracker.close('a', claim, 'Done'), tracker.claim('a', claim, plain), tracker.release('b', claim)]);
  expect(statSync(join(project, ISSUES), { bigint: true })).toMatchObject({ ino, mtimeNs, ctimeNs });
});

test('a file that is a symbolic link stays one', async () => {
  const project = makeProject();
  const elsewhere = join(makeTemporaryFolder(), 'shared.jsonl');
  writeFileSync(elsewhere, small('a'));
  rmSync(join(project, ISSUES));
  symlinkSync(elsewhere, join(project, ISSUES));
  expect(await open(project).close('a', claim, 'Done')).toBe('done');
  expect((await open(project).list()).issues[0]?.status).toBe('closed');
  expect((await createBeadsJsonlTracker({ projectDir: project, path: elsewhere }).list()).issues[0]?.status).toBe(
    'closed',
  );
});

test.each([
  ['.beads/issues.jsonl', ['.beads']],
  ['./planning/beads/issues.jsonl', ['planning/beads']],
  ['issues.jsonl', ['issues.jsonl']],
  ['../shared/issues.jsonl', []],
  ['/srv/issues.jsonl', []],
])('of %s, the tracker owns %o', (path, paths) => {
  expect(open('/project', path).ownPaths).toEqual(paths);
});

test("the configuration's path and states are used", async () => {
  const project = makeTemporaryFolder();
  writeFileSync(
    join(project, 'plan.jsonl'),
    [small('a', ',"status":"todo","dependencies":[{"depends_on_id":"b"}]'), small('b', ',"status":"shipped"')].join(
      '\n',
    ),
  );
  const { tracker: config } = configSchema.parse({
    tracker: { path: 'plan.jsonl', active_states: ['todo'], terminal_states: ['shipped'] },
  });
  const tracker = await createTracker(project, config);
  expect(await tracker.claim('a', claim, plain)).toMatchObject({ claimed: true });
  await tracker.release('a', claim);
  expect((await tracker.list()).issues[0]?.status).toBe('todo');
  await tracker.close('a', claim, 'Done');
  expect((await tracker.list()).issues[0]?.status).toBe('shipped');
});

test('adopting appends the lines as they are, after a last line without an end too', async () => {
  const project = makeProject(`${small('a')}\r\n${small('b')}`);
  const added = String.raw`{"status":"open", "x":1.0, "title":"\u003c", "id":"c"}`;
  const workspace = makeProject([
    small('a', ',"status":"closed"'),
    added,
    '{"id":',
    '',
    '{"id":"d"}',
    small(String.raw`e\n`),
    small('f', ',"garland_claim":{"key":"k"}'),
    added,
  ]);
  expect(await open(project).adopt(workspace)).toEqual(['c', 'f']);
  expect(readIssues(project)).toBe(`${small('a')}\r\n${small('b')}\r\n${added}\r\n${small('f')}\r\n`);
});

test('adopting into an empty file', async () => {
  const project = makeProject('');
  expect(await open(project).adopt(makeProject([small('a'), small('b')]))).toEqual(['a', 'b']);
  expect(readIssues(project)).toBe(`${small('a')}\n${small('b')}\n`);
});

test.each([
  ['a folder', (file: string) => mkdirSync(file)],
  ['a pipe that nobody writes to', (file: string) => execFileSync('mkfifo', [file])],
  ['a link to itself', (file: string) => symlinkSync(file, file)],
  ['bytes', (file: string) => writeFileSync(file, Buffer.from([0xff, 0x0a, 0xfe]))],
])('an agent that left %s in place of the file stops nothing', async (_what, make) => {
  const workspace = makeProject();
  rmSync(join(workspace, ISSUES));
  make(join(workspace, ISSUES));
  expect(await open(makeProject([small('a')])).adopt(workspace)).toEqual([]);
});

test('an issue of 5,000 is claimed and closed in moments, also with others at work', async () => {
  const lines = Array.from({ length: 5_000 }, (_, index) =>
    formatIssue(makeIssue(`i${index}`, { description: 'x'.repeat(500) })),
  );
  const project = makeProject(lines);
  const tracker = open(project);
  await tracker.list();
  const started = performance.now();
  await Promise.all(Array.from({ length: 500 }, (_, index) => tracker.claim(`i${index}`, claim, plain)));
  for (let index = 0; index < 20; index += 1) {
    await tracker.close(`i${index}`, claim, 'Done');
    expect((await tracker.list()).issues[index]?.status).toBe('closed');
  }
  // Some 600 ms alone: 500 claims share two writes. A write for each would take far longer.
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('whatever was in the file: lines that are not meant stay byte for byte', async () => {
  const project = makeProject();
  const tracker = open(project);
  const value = fc.jsonValue({ maxDepth: 2 });
  const extra = fc.dictionary(
    fc.string().map((key) => `x${key}`),
    value,
    { maxKeys: 3 },
  );
  const line = fc.tuple(extra, fc.nat({ max: 2 })).map(
    ([fields, space]) =>
      (id: string) =>
        JSON.stringify({ ...fields, id, title: 'T', status: 'open' }).replace('{', `{${' '.repeat(space)}`),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 6 }),
      fc.nat(),
      fc.constantFrom('\n', '\r\n'),
      async (makers, pick, end) => {
        const lines = makers.map((make, index) => make(`i${index}`));
        const chosen = pick % lines.length;
        writeIssues(project, lines.map((text) => text + end).join(''));
        utimesSync(join(project, ISSUES), 1e9, 1e9);
        expect(await tracker.close(`i${chosen}`, claim, 'Done')).toBe('done');
        const after = readIssues(project).split(end);
        expect(after.toSpliced(chosen, 1)).toEqual([...lines, ''].toSpliced(chosen, 1));
        const { closed_at, close_reason, updated_at, ...rest } = JSON.parse(after[chosen]!);
        expect(rest).toEqual({ ...JSON.parse(lines[chosen]!), status: 'closed' });
        expect([closed_at, close_reason, updated_at]).toEqual([
          '2026-02-03T04:05:06.7Z',
          'Done',
          '2026-02-03T04:05:06.7Z',
        ]);
      },
    ),
    { numRuns: 40 },
  );
});
