import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { runJob } from '../../src/processes/job.js';
import { begin, NEVER, Project, tryGitIn, work, write } from './project.js';

const ensure = (project: Project, id = 'A1', signal = NEVER, directory = project.attempt()) =>
  project.workspaces().ensure(work(id), { GARLAND_ATTEMPT: '1' }, directory, signal);

describe('after_create', () => {
  it('runs in a new workspace only', async () => {
    const hook = 'echo "$GARLAND_ISSUE_ID $GARLAND_ATTEMPT $PWD" >>created.log; test -e .env';
    const project = new Project({ hooks: { after_create: hook }, workspace: { copy: ['.env'] } }).start();
    write(project.dir, { '.env': 'x' });
    await project.workspaces().prepareRun();
    const { path } = await ensure(project);
    await ensure(project);
    expect(readFileSync(join(path, 'created.log'), 'utf8')).toBe(`A1 1 ${path}\n`);
  });

  it('takes the workspace away when it fails, and runs again the next time', async () => {
    const project = new Project({ hooks: { after_create: 'echo went wrong; exit 3' } }).start();
    await project.workspaces().prepareRun();
    await expect(ensure(project)).rejects.toThrow(
      /hooks\.after_create failed \(exit 3\) in .*: went wrong; its whole output/,
    );
    expect(existsSync(join(project.dir, '.garland/workspaces/A1'))).toBe(false);
    expect(project.git('worktree', 'list').split('\n')).toHaveLength(1);
    expect(tryGitIn(project.top, 'rev-parse', '--verify', 'garland/issue/A1')).toBeUndefined();
    project.config.hooks.after_create = 'touch created.log';
    expect(existsSync(join((await ensure(project)).path, 'created.log'))).toBe(true);
  });

  it('is stopped after its time', async () => {
    const project = new Project({ hooks: { after_create: 'sleep 60', timeout_ms: 300 } }).start();
    await project.workspaces().prepareRun();
    await expect(ensure(project)).rejects.toThrow(/hooks\.after_create timed out/);
    expect(existsSync(join(project.dir, '.garland/workspaces/A1'))).toBe(false);
  });

  it('is waited for by whoever comes next when it was left running', async () => {
    const hook = 'echo x >>created.log; until test -e go.log; do sleep 0.02; done';
    const project = new Project({ hooks: { after_create: hook } }).start();
    await project.workspaces().prepareRun();
    const path = join(project.dir, '.garland/workspaces/A1');
    const controller = new AbortController();
    const first = ensure(project, 'A1', controller.signal);
    await vi.waitFor(() => expect(existsSync(join(path, 'created.log'))).toBe(true), { timeout: 10_000 });
    controller.abort({ kind: 'leave' });
    await expect(first).rejects.toThrow(/left running/);
    const second = ensure(project);
    write(path, { 'go.log': '' });
    await second;
    expect(readFileSync(join(path, 'created.log'), 'utf8')).toBe('x\n');
  });

  it('runs in a workspace made anew when it vanished with the machine', async () => {
    const project = new Project({ hooks: { after_create: 'test ! -e half.log' } }).start();
    await project.workspaces().prepareRun();
    let runs = 0;
    const workspaces = project.workspaces({
      runJob: async (folder, options) => {
        runs += 1;
        if (runs > 1) return runJob(folder, options);
        write(options.cwd, { 'half.log': 'x' });
        return { outcome: 'lost', reason: 'gone', seconds: 0, tail: '', logFile: folder };
      },
    });
    await workspaces.ensure(work('A1'), {}, project.attempt(), NEVER);
    expect(runs).toBe(2);
  });

  it('leaves nothing half made when it is aborted', async () => {
    const project = new Project({ hooks: { after_create: 'touch begun.log; sleep 60' } }).start();
    await project.workspaces().prepareRun();
    const path = join(project.dir, '.garland/workspaces/A1');
    const controller = new AbortController();
    const made = ensure(project, 'A1', controller.signal);
    await vi.waitFor(() => expect(existsSync(join(path, 'begun.log'))).toBe(true), { timeout: 10_000 });
    controller.abort({ kind: 'stop', reason: 'aborted' });
    await expect(made).rejects.toThrow(/after_create/);
    expect(existsSync(path)).toBe(false);
  });
});

describe('before_run and after_run', () => {
  it('run in the workspace, once for an attempt', async () => {
    const project = new Project({
      hooks: { before_run: 'echo before >>ran.log', after_run: 'echo after >>ran.log' },
    }).start();
    const workspaces = project.workspaces();
    const path = await begin(project, workspaces, 'A1');
    const attempt = project.attempt();
    for (const hook of ['before_run', 'before_run', 'after_run', 'after_run'] as const) {
      await workspaces.runHook(hook, work('A1'), {}, attempt, NEVER);
    }
    await workspaces.runHook('before_run', work('A1'), {}, project.attempt(), NEVER);
    expect(readFileSync(join(path, 'ran.log'), 'utf8')).toBe('before\nafter\nbefore\n');
  });

  it('say what went wrong', async () => {
    const project = new Project({ hooks: { before_run: 'seq 9; exit 4' } }).start();
    const workspaces = project.workspaces();
    await begin(project, workspaces, 'A1');
    await expect(workspaces.runHook('before_run', work('A1'), {}, project.attempt(), NEVER)).rejects.toThrow(
      /hooks\.before_run failed \(exit 4\) in .*: 5 \| 6 \| 7 \| 8 \| 9; its whole output: /,
    );
  });
});
