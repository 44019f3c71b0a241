import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createBeadsJsonlTracker } from '../../src/trackers/beads-jsonl.js';
import { compileSources } from '../files/compile-sources.js';
import { formatIssue, ISSUES, makeProject, readIssues, readLines, writeIssues } from './beads-project.js';
import { makeIssue } from './make-issue.js';

let compiled: Awaited<ReturnType<typeof compileSources>>;
beforeAll(async () => {
  compiled = await compileSources('src/trackers/beads-jsonl.ts');
});
afterAll(() => compiled.remove());

const claim = { key: 'run-1', name: 'garland/project' };
const lineSchema = z.looseObject({ id: z.string(), status: z.string(), edits: z.number().default(0) });
const parse = (line: string) => lineSchema.parse(JSON.parse(line));

test('of many edits by hand and many writes at the same time, none is lost', async () => {
  const ids = Array.from({ length: 60 }, (_, index) => `i${index}`);
  const project = makeProject(ids.map((id) => formatIssue(makeIssue(id))));
  const trackers = [1, 2].map(() => createBeadsJsonlTracker({ projectDir: project, path: ISSUES }));
  const edits = new Map<string, number>();
  const ended = new AbortController();

  /** Reads, changes a line and writes in one go, now as one that replaces the file, now as one that writes into it. */
  const editByHand = async (): Promise<void> => {
    for (let count = 0; !ended.signal.aborted || count < 20; count += 1) {
      const id = ids[(count * 17) % ids.length]!;
      edits.set(id, (edits.get(id) ?? 0) + 1);
      const lines = readLines(project).map((line) => {
        const issue = parse(line);
        return issue.id === id ? JSON.stringify({ ...issue, edits: issue.edits + 1 }) : line;
      });
      if (count % 2) writeIssues(project, lines);
      else writeFileSync(join(project, ISSUES), lines.map((line) => `${line}\n`).join(''));
      await sleep((count * 7) % 70);
    }
  };
  const work = async (id: string, index: number): Promise<unknown> => {
    const tracker = trackers[index % 2]!;
    const { claimed } = await tracker.claim(id, claim, { allowInProgress: false });
    await sleep((index * 13) % 40);
    return claimed && (await tracker.close(id, claim, 'Done'));
  };

  const editing = editByHand();
  const results = await Promise.all(ids.map(work));
  ended.abort();
  await editing;
  expect(results).toEqual(ids.map(() => 'done'));
  const issues = readLines(project).map(parse);
  expect(issues.map(({ id }) => id)).toEqual(ids);
  expect(issues.filter(({ status }) => status !== 'closed')).toEqual([]);
  expect(issues.map((issue) => issue.edits)).toEqual(ids.map((id) => edits.get(id) ?? 0));
});

/** Claims and closes one issue after the other, and tells each that it has closed. */
const program = (project: string): string => `
  import { createBeadsJsonlTracker } from ${JSON.stringify(join(compiled.folder, 'src/trackers/beads-jsonl.js'))};
  const tracker = createBeadsJsonlTracker({ projectDir: ${JSON.stringify(project)}, path: ${JSON.stringify(ISSUES)} });
  const claim = { key: 'run-' + process.pid, name: 'garland/' + process.pid };
  const { issues } = await tracker.list();
  for (const { id } of issues) {
    const { claimed } = await tracker.claim(id, claim, { allowInProgress: false });
    if (claimed && (await tracker.close(id, claim, 'Done')) === 'done') console.log(id);
  }
`;
const start = (project: string) =>
  execa(process.execPath, ['--input-type=module', '--eval', program(project)], { reject: false });

test('processes that claim the same issues share them out, each to one', async () => {
  const ids = Array.from({ length: 60 }, (_, index) => `i${index}`);
  const project = makeProject(ids.map((id) => formatIssue(makeIssue(id))));
  const results = await Promise.all([start(project), start(project), start(project)]);
  expect(results.map(({ stderr }) => stderr).join('')).toBe('');
  const closed = results.flatMap(({ stdout }) => stdout.split('\n').filter((id) => id !== ''));
  expect(closed.toSorted()).toEqual(ids.toSorted());
  expect(
    readLines(project)
      .map(parse)
      .filter(({ status }) => status !== 'closed'),
  ).toEqual([]);
});

test('a process killed in the middle of writing leaves a whole file, what it did, and no lock', async () => {
  const ids = Array.from({ length: 400 }, (_, index) => `i${index}`);
  const project = makeProject(ids.map((id) => formatIssue(makeIssue(id, { description: 'x'.repeat(2_000) }))));
  const told = new Set<string>();
  for (let round = 0; round < 5; round += 1) {
    const child = start(project);
    let count = 0;
    child.stdout.on('data', (data: Buffer) => {
      for (const id of String(data).split('\n').filter(Boolean)) told.add(id);
      // Some way into the next write, another one each time.
      if ((count += 1) === 5 + round) setTimeout(() => child.kill('SIGKILL'), round * 2);
    });
    expect((await child).signal).toBe('SIGKILL');
    const issues = readLines(project).map(parse);
    expect(issues.map(({ id }) => id)).toEqual(ids);
    const closed = new Set(issues.filter(({ status }) => status === 'closed').map(({ id }) => id));
    expect([...told].filter((id) => !closed.has(id))).toEqual([]);
  }
  const started = performance.now();
  const tracker = createBeadsJsonlTracker({ projectDir: project, path: ISSUES });
  expect(await tracker.close(ids.at(-1)!, claim, 'Done')).toBe('done');
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(readdirSync(join(project, '.beads'))).toEqual(['issues.jsonl']);
  expect(readdirSync(join(project, '.garland/locks')).filter((name) => name.endsWith('.lock'))).toEqual([]);
});

test('a disk that is full leaves the file as it was, and the tracker says so', async () => {
  const project = makeProject([formatIssue(makeIssue('a', { description: 'x'.repeat(100_000) }))]);
  const before = readIssues(project);
  const failing = `
    import { createBeadsJsonlTracker } from ${JSON.stringify(join(compiled.folder, 'src/trackers/beads-jsonl.js'))};
    const tracker = createBeadsJsonlTracker({ projectDir: ${JSON.stringify(project)}, path: ${JSON.stringify(ISSUES)} });
    const close = () => tracker.close('a', { key: 'k', name: 'n' }, 'Done').catch((error) => console.log(error.name, error.permanent, error.message));
    await Promise.all([close(), close()]);
  `;
  const limited = `trap '' XFSZ; ulimit -f 16; exec "$0" --input-type=module --eval "$1"`;
  const { stdout } = await execa('sh', ['-c', limited, process.execPath, failing]);
  expect(stdout.split('\n')).toHaveLength(2);
  for (const told of stdout.split('\n'))
    expect(told).toMatch(/^TrackerError false .*issues\.jsonl: could not be written .*nothing was changed/);
  expect(readFileSync(join(project, ISSUES), 'utf8')).toBe(before);
  expect(readdirSync(join(project, '.beads'))).toEqual(['issues.jsonl']);
});
