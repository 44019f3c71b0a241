import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeRunRecord } from '../../src/leftovers/run-record.js';
import { readJob } from '../../src/processes/job.js';
import { LeftProject, stopAtEnd } from './left-project.js';

const stateOf = async (folder: string) => (await readJob(folder)).state;

const start = () => new LeftProject().start().issues({ a: 'open', b: 'open' });

test('an agent whose run is gone is stopped; one whose run goes on is not', async () => {
  const project = start();
  project.open.add('p/open-run');
  const stray = await project.agent('dead-run', 'a');
  const working = await project.agent('open-run', 'b');
  stopAtEnd(working);
  expect(await project.list()).toEqual(['process process of a: clean']);
  expect(await stateOf(stray)).toBe('running');
  expect(await project.clean()).toEqual(['stopped process of a: its run dead-run is gone']);
  expect(await readJob(stray)).toMatchObject({ state: 'exited', stop: { reason: 'its run dead-run is gone' } });
  expect(await stateOf(working)).toBe('running');
  expect(await project.list()).toEqual([]);
});

test('a run is asked for by the name that the project had then', async () => {
  const project = start();
  project.open.add('old-name/r1');
  await writeRunRecord(project.dir, { project: 'old-name', runId: 'r1', startedAt: '2026-01-01T00:00:00Z' });
  stopAtEnd(await project.agent('r1', 'a'));
  expect(await project.list()).toEqual([]);
  project.open.clear();
  expect(await project.list()).toEqual(['process process of a: clean']);
});

test('nothing is stopped while the server cannot be asked', async () => {
  const project = start();
  const agent = await project.agent('r1', 'a');
  stopAtEnd(agent);
  project.isServerThere = false;
  expect(await project.list()).toEqual(['process process of a: keep']);
  expect(await project.clean()).toEqual([]);
  expect(await stateOf(agent)).toBe('running');
});

test('what is left of an agent whose leader was killed is found', { skip: process.platform !== 'linux' }, async () => {
  const project = start();
  const folder = await project.agent('r1', 'a', 'sh', '-c', 'setsid sh -c "touch away; exec sleep 300" & wait');
  await expect.poll(() => existsSync(join(project.dir, 'away'))).toBe(true);
  const job = await readJob(folder);
  if (job.state !== 'running') throw new Error(job.state);
  process.kill(-job.identity.pid, 'SIGKILL');
  await expect.poll(() => stateOf(folder)).toBe('lost');
  expect(await project.list()).toEqual(['process process of a: clean']);
  await project.clean();
  expect(await project.list()).toEqual([]);
});

test('a pid that another process has by now is nobody to stop', async () => {
  const project = start();
  const folder = project.reusedPid('r1', 'a');
  expect(await project.list()).toEqual([]);
  expect(await project.clean()).toEqual([]);
  expect(await stateOf(folder)).toBe('lost');
});

test('garbage among the runs is left alone, and hides nothing', async () => {
  const project = start();
  const runs = join(project.dir, '.garland/runs');
  mkdirSync(join(runs, 'r0/a/1/pid'), { recursive: true });
  mkdirSync(join(runs, 'ä b/c'), { recursive: true });
  writeFileSync(join(runs, 'ä b/run.json'), '{"version": 7');
  writeFileSync(join(runs, 'a file'), 'x');
  mkdirSync(join(project.dir, 'elsewhere'));
  writeFileSync(join(project.dir, 'elsewhere/mine'), 'mine');
  symlinkSync(join(project.dir, 'elsewhere'), join(runs, 'link'));
  symlinkSync(join(project.dir, 'elsewhere'), join(runs, 'ä b/link'));
  const stray = await project.agent('r1', 'a');
  expect(await project.list()).toEqual(['process process of a: clean']);
  await project.clean();
  expect(await stateOf(stray)).toBe('exited');
  project.days = 31;
  expect((await project.list()).toSorted()).toEqual([
    'run .garland/runs/r0: clean',
    'run .garland/runs/r1: clean',
    'run .garland/runs/ä b: clean',
  ]);
  await project.clean();
  expect(existsSync(join(runs, 'ä b'))).toBe(false);
  expect(readFileSync(join(runs, 'a file'), 'utf8')).toBe('x');
  expect(readFileSync(join(project.dir, 'elsewhere/mine'), 'utf8')).toBe('mine');
});

test('a project without anything has nothing left over', async () => {
  const project = start();
  expect(await project.list()).toEqual([]);
  rmSync(join(project.dir, '.garland'), { recursive: true, force: true });
  expect(await project.list()).toEqual([]);
  expect(existsSync(join(project.dir, '.garland'))).toBe(false);
});
