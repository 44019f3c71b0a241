import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { runJob } from '../../src/processes/job.js';
import type { RunJob } from '../../src/workspaces/run-command.js';
import { begin, commitIn, gitIn, Project, work } from './project.js';

async function startWork(commands: string[], over: Record<string, unknown> = {}) {
  const project = new Project({ verify: { commands, ...over } }).start();
  const workspaces = project.workspaces();
  const path = await begin(project, workspaces, 'A1');
  const commit = commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
  return { project, workspaces, path, commit };
}

describe('the gate', () => {
  it('runs in order up to the first command that fails, and says what it printed', async () => {
    const { project, workspaces } = await startWork([
      'echo first',
      'echo to stdout; echo to stderr >&2; exit 3',
      'touch third',
    ]);
    const verdict = await workspaces.verify(work('A1'), project.options());
    expect(verdict).toMatchObject({ accepted: false, kind: 'gate_failed' });
    expect(verdict.reason).toMatch(/^the gate's command 2 failed \(exit 3\): echo to stdout;.*\nto stdout\nto stderr$/);
    expect(readFileSync((!verdict.accepted && verdict.logFile) || '', 'utf8')).toBe('to stdout\nto stderr\n');
    expect(project.landed()).toEqual(['base']);
  });

  it('keeps a long output within bounds, its end above all', async () => {
    const { project, workspaces } = await startWork([`seq 100000; echo the end; exit 1 # ${'x'.repeat(3_000)}`]);
    const verdict = await workspaces.verify(work('A1'), project.options());
    expect(verdict.reason.length).toBeLessThanOrEqual(4_000);
    expect(verdict.reason).toMatch(/^the gate's command 1 failed \(exit 1\)[^]*the end$/);
  });

  it('is stopped after its time', async () => {
    const { project, workspaces } = await startWork(['echo begun; sleep 60'], { timeout_ms: 300 });
    const verdict = await workspaces.verify(work('A1'), project.options());
    expect(verdict).toMatchObject({ accepted: false, kind: 'gate_timed_out', reason: /begun/ });
  });

  it('is stopped by an abort, and nothing lands', async () => {
    const { project, workspaces, path } = await startWork(['touch begun.log; sleep 60']);
    const controller = new AbortController();
    const verdict = workspaces.verify(work('A1'), project.options({ signal: controller.signal }));
    await vi.waitFor(() => expect(existsSync(join(path, 'begun.log'))).toBe(true), { timeout: 10_000 });
    controller.abort({ kind: 'stop', reason: 'the user asked' });
    expect(await verdict).toMatchObject({ accepted: false, kind: 'aborted', reason: 'the user asked' });
    expect(project.landed()).toEqual(['base']);
  });

  it('is left running when somebody else carries on, who gets its result', async () => {
    const { project, workspaces, path } = await startWork([
      'touch begun.log; until test -e go.log; do sleep 0.02; done; echo x >>runs.log',
    ]);
    const options = project.options();
    const controller = new AbortController();
    const first = workspaces.verify(work('A1'), { ...options, signal: controller.signal });
    await vi.waitFor(() => expect(existsSync(join(path, 'begun.log'))).toBe(true), { timeout: 10_000 });
    controller.abort({ kind: 'leave' });
    await expect(first).rejects.toThrow(/left running/);
    const second = project.workspaces().verify(work('A1'), options);
    writeFileSync(join(path, 'go.log'), '');
    expect(await second).toMatchObject({ accepted: true, landing: 'landed' });
    expect(readFileSync(join(path, 'runs.log'), 'utf8')).toBe('x\n');
  });

  it('is stopped by a call that only settles', async () => {
    const { project, workspaces, path } = await startWork(['touch begun.log; sleep 60; touch late.log']);
    const options = project.options();
    const controller = new AbortController();
    const first = workspaces.verify(work('A1'), { ...options, signal: controller.signal });
    await vi.waitFor(() => expect(existsSync(join(path, 'begun.log'))).toBe(true), { timeout: 10_000 });
    controller.abort({ kind: 'leave' });
    await expect(first).rejects.toThrow(/left running/);
    const signal = AbortSignal.abort({ kind: 'stop', reason: 'aborted' });
    expect(await workspaces.verify(work('A1'), { ...options, signal })).toMatchObject({
      accepted: false,
      kind: 'aborted',
    });
    const after = await runJob(join(options.directory, `gate-${gitIn(path, 'rev-parse', 'HEAD').slice(0, 12)}-1`), {
      argv: ['true'],
      cwd: path,
      env: {},
      timeoutMs: 0,
      graceMs: 0,
      signal: new AbortController().signal,
    });
    expect(after).toMatchObject({ outcome: 'aborted', reason: 'aborted' });
  });

  it('leaves nothing behind that is taken for work, and what git ignores alone', async () => {
    const gate = 'echo junk >junk; echo changed >a.txt; rm README.md; echo x >kept.log; git add --all';
    const { project, workspaces, path, commit } = await startWork([gate]);
    expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({ accepted: true, commit });
    expect(gitIn(path, 'status', '--porcelain')).toBe('');
    expect(existsSync(join(path, 'kept.log'))).toBe(true);
    expect(project.landedFile('junk')).toBeUndefined();
    expect(project.landedFile('a.txt')).toBe('a');
  });

  it('can neither commit nor leave the branch', async () => {
    const gate =
      'git checkout --quiet --detach; echo x >x; git add x; git -c user.name=g -c user.email=g commit --quiet -m sneaky';
    const { project, workspaces, path, commit } = await startWork([gate]);
    expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({ accepted: true, commit });
    expect(project.landed()).toEqual(['A1: work', 'base']);
    expect(gitIn(path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/garland/issue/A1');
  });

  it('sees the issue, and nothing of where garland itself runs', async () => {
    const { project, path } = await startWork([
      'echo "$GARLAND_ISSUE_ID|$GARLAND_ISSUE_TITLE|$GARLAND_WORKSPACE|$GARLAND_BASE_BRANCH|$GARLAND_ATTEMPT|$SECRET|$GIT_DIR" >seen.log',
    ]);
    const workspaces = project.workspaces({ env: { ...USER_SECRETS, PATH: process.env.PATH } });
    await workspaces.verify(work('A1'), project.options({ env: { GARLAND_ATTEMPT: '2' } }));
    expect(readFileSync(join(path, 'seen.log'), 'utf8')).toBe(`A1|Title of A1|${path}|garland/integration|2||\n`);
  });

  it('runs again when its process vanished with the machine, in a clean worktree', async () => {
    const { project, path } = await startWork(['test ! -e junk']);
    const lost: RunJob = async (folder, options) => {
      if (folder.includes('-again-')) return runJob(folder, options);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(path, 'junk'), 'of the lost one');
      return { outcome: 'lost', reason: 'its process is gone', seconds: 0, tail: '', logFile: join(folder, 'stdout') };
    };
    const workspaces = project.workspaces({ runJob: lost });
    expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({ accepted: true, landing: 'landed' });
  });

  it('fails the work when it vanishes again and again', async () => {
    const { project } = await startWork(['true']);
    const starts: string[] = [];
    const lost: RunJob = async (folder) => {
      starts.push(folder);
      return { outcome: 'lost', reason: 'its process is gone', seconds: 0, tail: '', logFile: folder };
    };
    const workspaces = project.workspaces({ runJob: lost });
    expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({
      kind: 'gate_failed',
      reason: /vanished/,
    });
    expect(new Set(starts).size).toBe(3);
  });
});

const USER_SECRETS = { SECRET: 'hunter2', GIT_DIR: '/nowhere', GIT_CONFIG_GLOBAL: '/dev/null' };
