import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOwnPaths } from '../../src/workspaces/own-paths.js';
import { begin, commitIn, gitIn, Project, tryGitIn, work, write } from './project.js';

const ISSUES = '.beads/issues.jsonl';

async function startWork(config: Record<string, unknown> = {}, options = {}) {
  const project = new Project(config, options);
  project.start({ [ISSUES]: 'one\n' });
  const workspaces = project.workspaces();
  const path = await begin(project, workspaces, 'A1');
  return { project, workspaces, path, verify: (over = {}) => workspaces.verify(work('A1'), project.options(over)) };
}

describe("the tracker's own files", () => {
  it('are not committed, and the copy stays for reading', async () => {
    const { project, path, verify } = await startWork();
    write(path, { [ISSUES]: 'one\ntwo\n', '.beads/new': 'new\n', 'a.txt': 'a\n' });
    expect(await verify()).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.git('diff', '--name-only', 'main', 'garland/integration')).toBe('a.txt');
    expect(readFileSync(join(path, ISSUES), 'utf8')).toBe('one\ntwo\n');
    expect(readFileSync(join(path, '.beads/new'), 'utf8')).toBe('new\n');
  });

  it('are not landed when the agent committed them, and its commits stay what they are otherwise', async () => {
    const { project, path, verify } = await startWork();
    commitIn(path, 'A1: one\n\nwith a body', { 'a.txt': 'a\n' });
    const author = gitIn(path, 'log', '-1', '--format=%an %ae %ad %cd');
    commitIn(path, 'A1: only the tracker', { [ISSUES]: 'one\ntwo\n' });
    commitIn(path, 'A1: both', { [ISSUES]: 'three\n', 'b.txt': 'b\n' });
    gitIn(path, 'rm', '--quiet', '-r', '.beads');
    commitIn(path, 'A1: deleted', { '.beads': 'a file now\n', 'c.txt': 'c\n' });
    expect(await verify()).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landed()).toEqual(['A1: deleted', 'A1: both', 'A1: one', 'base']);
    expect(project.git('diff', '--name-only', 'main', 'garland/integration').split('\n')).toEqual([
      'a.txt',
      'b.txt',
      'c.txt',
    ]);
    expect(project.git('log', '--format=%H', 'main..garland/integration', '--', '.beads')).toBe('');
    expect(project.git('log', '-1', '--format=%an %ae %ad %cd', 'garland/integration~2')).toBe(author);
    expect(project.git('log', '-1', '--format=%b', 'garland/integration~2')).toBe('with a body');
    expect(readFileSync(join(path, '.beads'), 'utf8')).toBe('a file now\n');
    expect(gitIn(path, 'diff', '--cached', '--name-only')).toBe('');
  });

  it('alone are no work', async () => {
    const { project, path, verify } = await startWork();
    commitIn(path, 'A1: only the tracker', { [ISSUES]: 'one\ntwo\n' });
    expect(await verify()).toMatchObject({ accepted: false, kind: 'no_commit' });
    write(path, { [ISSUES]: 'three\n' });
    gitIn(path, 'add', '.');
    expect(await verify()).toMatchObject({ accepted: false, kind: 'no_commit' });
    expect(project.landed()).toEqual(['base']);
    expect(readFileSync(join(path, ISSUES), 'utf8')).toBe('three\n');
  });

  it('alone are no reason to refuse when git.commit is off', async () => {
    const { path, verify } = await startWork({ git: { commit: false } });
    commitIn(path, 'A1: work', { 'a.txt': 'a\n' });
    write(path, { [ISSUES]: 'one\ntwo\n', '.beads/new': 'new\n' });
    expect(await verify()).toMatchObject({ accepted: true });
  });

  it('survive in the workspace when the work is rebased over newer ones of the user', async () => {
    const { project, workspaces, path, verify } = await startWork({ verify: { commands: ['true'] } });
    commitIn(path, 'A1: work', { 'a.txt': 'a\n', [ISSUES]: 'one\nagent\n' });
    project.commit('user', { [ISSUES]: 'one\nuser\n', 'u.txt': 'u\n' });
    await workspaces.prepareRun();
    expect(await verify()).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landed()).toEqual(['A1: work', 'user', 'base']);
    expect(project.landedFile(ISSUES)).toBe('one\nuser');
    expect(readFileSync(join(path, ISSUES), 'utf8')).toBe('one\nagent\n');
    expect(readFileSync(join(path, 'u.txt'), 'utf8')).toBe('u\n');
    expect(gitIn(path, 'status', '--porcelain')).toBe(` M ${ISSUES}`);
  });

  it("are the user's newest after the agent merged the user's branch", async () => {
    const { project, path, verify } = await startWork();
    commitIn(path, 'A1: work', { 'a.txt': 'a\n', [ISSUES]: 'agent\n' });
    const user = project.commit('user', { [ISSUES]: 'user\n' });
    tryGitIn(path, 'merge', 'main');
    commitIn(path, 'A1: merged', { [ISSUES]: 'resolved\n' });
    expect(await verify()).toMatchObject({ accepted: true, landing: 'landed' });
    expect(project.landedFile(ISSUES)).toBe('user');
    expect(project.landedFile('a.txt')).toBe('a');
    expect(project.git('merge-base', user, 'garland/integration')).toBe(user);
  });

  it('lie below the project in a subfolder', async () => {
    const project = new Project({}, { inside: 'packages/app' });
    project.start({ [`packages/app/${ISSUES}`]: 'one\n', [ISSUES]: 'not ours\n' });
    const workspaces = project.workspaces();
    const path = await begin(project, workspaces, 'A1');
    expect(path).toBe(join(project.dir, '.garland/workspaces/A1/packages/app'));
    commitIn(path, 'A1: work', { [ISSUES]: 'agent\n', '../../.beads/issues.jsonl': 'changed\n', 'a.txt': 'a\n' });
    expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({ accepted: true });
    expect(project.git('diff', '--name-only', 'main', 'garland/integration').split('\n')).toEqual([
      ISSUES,
      'packages/app/a.txt',
    ]);
  });

  it('are left alone when the whole tracker is new to git', async () => {
    const project = new Project().start();
    write(project.dir, { [ISSUES]: 'one\n' });
    const workspaces = project.workspaces();
    const path = await begin(project, workspaces, 'A1');
    commitIn(path, 'A1: work', { [ISSUES]: 'agent\n', 'a.txt': 'a\n' });
    expect(await workspaces.verify(work('A1'), project.options())).toMatchObject({ accepted: true });
    expect(project.git('diff', '--name-only', 'main', 'garland/integration')).toBe('a.txt');
  });
});

it('never land, whatever mix of commits an agent makes', async () => {
  const step = fc.record({
    own: fc.constantFrom(undefined, 'x\n', 'y\n', null),
    other: fc.constantFrom(undefined, 'p\n', 'q\n'),
    commit: fc.boolean(),
    user: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      const { project, workspaces, path, verify } = await startWork();
      let last: string | undefined;
      for (const [at, { own, other, commit, user }] of steps.entries()) {
        if (
          own !== undefined &&
          !(own === null && tryGitIn(path, 'ls-files', '--error-unmatch', ISSUES) === undefined)
        ) {
          if (own === null) gitIn(path, 'rm', '--quiet', '--force', ISSUES);
          else write(path, { [ISSUES]: own });
        }
        if (other !== undefined) write(path, { 'a.txt': (last = other) });
        if (commit) commitIn(path, `A1: ${at}`, {});
        if (user) project.commit(`user ${at}`, { [ISSUES]: `user ${at}\n` });
      }
      await workspaces.prepareRun();
      const verdict = await verify();
      // A commit that was empty from the start is work, too.
      expect(verdict.accepted || last === undefined).toBe(true);
      expect(project.landedFile('a.txt')).toBe(last?.trimEnd());
      expect(project.git('diff', '--name-only', 'main', 'garland/integration', '--', '.beads')).toBe('');
      expect(project.git('log', '--format=%H', 'main..garland/integration', '--', '.beads')).toBe('');
    }),
    { numRuns: 6 },
  );
});

describe('createOwnPaths', () => {
  it('keeps out what lies outside of the repository', () => {
    expect(createOwnPaths(['../x', '/tmp/x', '.beads/', 'a/../b'], '').paths).toEqual(['.beads', 'b']);
    expect(createOwnPaths(['../x'], 'app/').paths).toEqual(['x']);
  });

  it('knows what lies in them', () => {
    const own = createOwnPaths(['.beads'], '');
    expect(['.beads', '.beads/', '.beads/a/b'].map((path) => own.has(path))).toEqual([true, true, true]);
    expect(['.beads2', 'x/.beads', '.bead'].map((path) => own.has(path))).toEqual([false, false, false]);
  });
});
