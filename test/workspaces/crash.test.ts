import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { createGit, type Git } from '../../src/workspaces/git.js';
import type { RunJob } from '../../src/workspaces/run-command.js';
import { compileSources } from '../files/compile-sources.js';
import { begin, commitIn, gitIn, NEVER, Project, USER_ENV, work, write } from './project.js';

const ISSUES = '.beads/issues.jsonl';
const GATE = { verify: { commands: ['echo x >>junk; echo "$(git rev-parse HEAD)" >>gated.log'] } };

class Crash extends Error {}

/** A git with which everything ends at one call: before it, or after it has done its work. */
function crashAt(call: number, when: 'before' | 'after'): Git {
  const git = createGit(USER_ENV);
  let calls = 0;
  const around = async <T>(run: () => Promise<T>): Promise<T> => {
    calls += 1;
    // Nothing more is done after a crash: neither what comes next nor what would clean up.
    if (calls > call || (calls === call && when === 'before')) throw new Crash();
    const result = await run();
    if (calls >= call) throw new Crash();
    return result;
  };
  return {
    run: (...args) => around(() => git.run(...args)),
    attempt: (...args) => around(() => git.attempt(...args)),
  };
}

/** A workspace with everything in it that takes a step to bring home, while the integration branch has moved. */
async function startHardWork(project: Project) {
  const workspaces = project.workspaces();
  const other = await begin(project, workspaces, 'A0');
  const path = await begin(project, workspaces, 'A1');
  commitIn(other, 'A0: work', { 'other.txt': 'o\n' });
  await workspaces.verify(work('A0'), project.options());
  commitIn(path, 'A1: first', { 'a.txt': 'a\n', [ISSUES]: 'one\nagent\n' });
  gitIn(path, 'checkout', '--quiet', '--detach');
  commitIn(path, 'A1: second', { 'b.txt': 'b\n' });
  write(path, { 'left.txt': 'left\n', [ISSUES]: 'one\nagent\ntwo\n' });
  return path;
}

function expectLandedOnce(project: Project, path: string, verdict: unknown): void {
  const commit = project.git('rev-parse', 'garland/integration');
  expect(verdict).toMatchObject({ accepted: true, landing: 'landed', commit });
  expect(project.landed()).toEqual([
    expect.stringMatching(/^A1: Title/),
    'A1: second',
    'A1: first',
    'A0: work',
    'base',
  ]);
  expect(project.git('diff', '--name-only', 'main', commit).split('\n')).toEqual([
    'a.txt',
    'b.txt',
    'left.txt',
    'other.txt',
  ]);
  expect(readFileSync(join(path, ISSUES), 'utf8')).toBe('one\nagent\ntwo\n');
  expect(gitIn(path, 'status', '--porcelain')).toBe(` M ${ISSUES}`);
  expect(gitIn(path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/garland/issue/A1');
  expect(project.git('rev-parse', 'garland/issue/A1')).toBe(commit);
  expect(existsSync(join(project.dir, '.garland/landing'))).toBe(false);
  expect(project.git('worktree', 'list').split('\n')).toHaveLength(3);
}

describe('verifying and landing', () => {
  // The job itself is a process that outlives a crash, and is looked at elsewhere.
  const gate: RunJob = async (folder, { cwd }) => {
    write(cwd, { junk: 'x' });
    return { outcome: 'exited', exitCode: 0, reason: 'exit 0', seconds: 0, tail: '', logFile: folder };
  };

  it.each(['before', 'after'] as const)(
    'comes to one landing with a crash %s each step',
    { timeout: 120_000 },
    async (when) => {
      const project = new Project(GATE).start({ [ISSUES]: 'one\n' });
      const path = await startHardWork(project);
      const options = project.options();
      // Each try gets at least one call further than the one before.
      for (let call = 1; ; call += 1) {
        const workspaces = project.workspaces({ git: crashAt(call, when), runJob: gate });
        try {
          const verdict = await workspaces.verify(work('A1'), options);
          expectLandedOnce(project, path, verdict);
          expect(call).toBeGreaterThan(5);
          break;
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
        }
      }
      expectLandedOnce(project, path, await project.workspaces({ runJob: gate }).verify(work('A1'), options));
    },
  );

  it('comes to one landing with a single crash at any step', { timeout: 120_000 }, async () => {
    for (let call = 6, crashed = true; crashed; call += 9) {
      const project = new Project(GATE).start({ [ISSUES]: 'one\n' });
      const path = await startHardWork(project);
      const options = project.options();
      const first = project.workspaces({ git: crashAt(call, 'after'), runJob: gate }).verify(work('A1'), options);
      crashed = await first.then(
        () => false,
        () => true,
      );
      const verdict = await project.workspaces({ runJob: gate }).verify(work('A1'), options);
      expect(verdict.accepted).toBe(true);
      expectLandedOnce(project, path, verdict);
    }
  });

  it('lands nothing twice when the integration branch has gone on since', async () => {
    const project = new Project().start();
    const workspaces = project.workspaces();
    const options = project.options();
    commitIn(await begin(project, workspaces, 'A1'), 'A1: work', { 'a.txt': 'a\n' });
    commitIn(await begin(project, workspaces, 'A2'), 'A2: work', { 'b.txt': 'b\n' });
    const verdict = await workspaces.verify(work('A1'), options);
    await workspaces.verify(work('A2'), project.options());
    expect(await project.workspaces().verify(work('A1'), options)).toEqual(verdict);
    expect(project.landed()).toEqual(['A2: work', 'A1: work', 'base']);
  });
});

describe('making a workspace', () => {
  it.each(['before', 'after'] as const)('comes to one with a crash %s each step', async (when) => {
    const project = new Project({
      hooks: { after_create: 'echo x >>created.log' },
      workspace: { copy: ['.env'] },
    }).start();
    write(project.dir, { '.env': 'x' });
    await project.workspaces().prepareRun();
    const path = join(project.dir, '.garland/workspaces/A1');
    for (let call = 1; ; call += 1) {
      const git = crashAt(call, when);
      const made = project.workspaces({ git }).ensure(work('A1'), {}, project.attempt(), NEVER);
      const error: unknown = await made.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error === undefined) break;
      expect(error).toBeInstanceOf(Crash);
    }
    expect(gitIn(path, 'status', '--porcelain', '--branch')).toBe('## garland/issue/A1');
    expect(readFileSync(join(path, 'created.log'), 'utf8')).toBe('x\n');
    expect(readFileSync(join(path, '.env'), 'utf8')).toBe('x');
  });
});

describe('removing a workspace', () => {
  it.each(['before', 'after'] as const)('comes to an end with a crash %s each step', async (when) => {
    const project = new Project().start();
    const workspaces = project.workspaces();
    const path = await begin(project, workspaces, 'A1');
    commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    await workspaces.verify(work('A1'), project.options());
    for (let call = 1; ; call += 1) {
      const removed = project.workspaces({ git: crashAt(call, when) }).remove(work('A1'), {}, project.attempt());
      if (
        await removed.then(
          () => true,
          () => false,
        )
      )
        break;
    }
    expect(existsSync(path)).toBe(false);
    expect(project.git('worktree', 'list').split('\n')).toHaveLength(1);
    expect(project.git('for-each-ref', '--format=%(refname:short)', 'refs/heads').split('\n')).toEqual([
      'garland/integration',
      'main',
    ]);
  });
});

describe('a killed process', () => {
  let compiled: Awaited<ReturnType<typeof compileSources>>;
  beforeAll(async () => {
    compiled = await compileSources('src/workspaces/create-workspaces.ts');
  });
  afterAll(() => compiled.remove());

  const script = fileURLToPath(new URL('../fixtures/workspaces/act.mjs', import.meta.url));

  /** Undefined when it was killed. */
  async function actElsewhere(project: Project, order: object): Promise<unknown> {
    const text = JSON.stringify({
      projectDir: project.dir,
      config: project.config,
      env: USER_ENV,
      issueId: 'A1',
      ...order,
    });
    const { stdout, signal, stderr, shortMessage } = await execa(process.execPath, [script, compiled.folder, text], {
      reject: false,
    });
    if (signal === 'SIGKILL') return undefined;
    if (stdout === '') throw new Error(`${stderr} ${shortMessage}`);
    return JSON.parse(stdout);
  }

  it('lands once, whatever git it was killed in', { timeout: 240_000 }, async () => {
    const project = new Project(GATE).start({ [ISSUES]: 'one\n' });
    const path = await startHardWork(project);
    const order = { act: 'verify', directory: project.attempt() };
    let verdict: unknown;
    for (let killAt = 1; verdict === undefined; killAt += 3) {
      verdict = await actElsewhere(project, { ...order, killAt });
    }
    expectLandedOnce(project, path, verdict);
    // Once for what the agent left, once for the result, whatever was killed around it.
    expect(readFileSync(join(path, 'gated.log'), 'utf8').trim().split('\n')).toHaveLength(2);
  });

  it('leaves a workspace that the next one makes good', { timeout: 240_000 }, async () => {
    const project = new Project().start();
    await project.workspaces().prepareRun();
    let made: unknown;
    for (let killAt = 1; made === undefined; killAt += 1) {
      made = await actElsewhere(project, { act: 'ensure', directory: project.attempt(), killAt });
    }
    const path = join(project.dir, '.garland/workspaces/A1');
    expect(made).toEqual({ path, baseBranch: 'garland/integration', notes: [] });
    expect(gitIn(path, 'status', '--porcelain', '--branch')).toBe('## garland/issue/A1');
  });
});
