import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Settlement } from '../../src/contract/activities.js';
import type { BacklogIssue } from '../integration/harness/backlog.js';
import { writeUnwritten } from '../../src/settlement/unwritten-record.js';
import { SettlingProject, type Fate } from './settling-project.js';

const issues: BacklogIssue[] = [{ id: 'e-1', type: 'epic' }, { id: 'a-1', parent: 'e-1' }, { id: 'a-2' }];
const CLOSE: Settlement = { kind: 'close', outcome: 'succeeded', reason: 'landed' };
const FAIL: Settlement = { kind: 'fail', reason: 'the gate failed' };
const RELEASE: Settlement = { kind: 'release', reason: 'the run was aborted' };
const SETTLEMENTS = [CLOSE, FAIL, RELEASE];

async function atWork(id = 'a-1'): Promise<SettlingProject> {
  const project = await SettlingProject.make(issues);
  await project.work(id);
  project.calls.length = 0;
  return project;
}

describe.each(SETTLEMENTS)('an issue to $kind', (settlement) => {
  it.each<Fate>(['fails', 'answer lost'])(
    'comes to the same end when a call of the tracker %s, whichever',
    async (fate) => {
      const calm = await atWork();
      const { answer: undisturbed } = await calm.finalizePatiently('a-1', settlement);
      const calls = calm.calls.length;
      expect(calls).toBeGreaterThan(0);
      for (let broken = 1; broken <= calls; broken += 1) {
        const project = await atWork();
        project.fate = (_, number) => (number === broken ? fate : 'done');
        const { answer } = await project.finalizePatiently('a-1', settlement);
        expect(answer.outcome).toBe(undisturbed.outcome);
        expect(project.tracked(), `call ${broken}`).toEqual(calm.tracked());
        expect(project.unwritten()).toEqual([]);
      }
    },
  );

  it('changes nothing when it is done again', async () => {
    const project = await atWork();
    await project.finalize('a-1', settlement);
    const after = project.tracked();
    await project.finalize('a-1', settlement);
    expect(project.tracked()).toEqual(after);
  });
});

describe('what is said when it can only be tried again later', () => {
  it('not written: the tracker can be read, and has it as it was', async () => {
    const project = await atWork();
    project.fate = (call) => (call === 'close' ? 'fails' : 'done');
    await expect(project.finalize('a-1', CLOSE)).rejects.toMatchObject({
      message: 'no close',
      details: ['not_written'],
    });
  });

  it('unknown: the write may have been made, and nothing can be read', async () => {
    const project = await atWork();
    project.fate = (call) => (call === 'close' ? 'answer lost' : call === 'list' ? 'fails' : 'done');
    await expect(project.finalize('a-1', CLOSE)).rejects.toMatchObject({
      message: "whether the tracker has it can't be found out: the answer to close is lost",
      details: ['unknown'],
    });
  });

  it('written: the issue is closed, and only its epics are left', async () => {
    const project = await atWork();
    project.fate = (call) => (call === 'list' ? 'fails' : 'done');
    await expect(project.finalize('a-1', CLOSE)).rejects.toMatchObject({ details: ['written'] });
    expect(project.tracked()['a-1']).toMatchObject({ status: 'closed' });
  });

  it('nothing, when the answer alone was lost', async () => {
    const project = await atWork('a-2');
    project.fate = (call) => (call === 'close' ? 'answer lost' : 'done');
    expect(await project.finalize('a-2', CLOSE)).toMatchObject({ outcome: 'succeeded', notes: [] });
  });

  it('a failure, and no close, when the branch does not hold what was landed', async () => {
    const project = await SettlingProject.make(issues, 'worktree');
    await project.work('a-2');
    const commit = project.commit('elsewhere', { 'x.txt': 'x' });
    const answer = await project.finalize('a-2', { ...CLOSE, commit });
    expect(answer).toMatchObject({ outcome: 'failed', workspace: expect.stringContaining('a-2') });
    expect(project.tracked()['a-2']).toMatchObject({ status: 'open', labels: ['needs-followup'] });
  });
});

describe('an issue that ended when the tracker could not be written', () => {
  async function unwritten(settlement: Settlement): Promise<SettlingProject> {
    const project = await atWork();
    project.fate = (call) => (call === 'close' || call === 'release' ? 'fails' : 'done');
    await expect(project.finalize('a-1', settlement)).rejects.toThrow('no ');
    expect(project.tracked()['a-1']).toMatchObject({ status: 'in_progress', claimed: true });
    return project;
  }

  it('is closed by a later poll of its run, with its epic, and not taken again', async () => {
    const project = await unwritten(CLOSE);
    expect(await project.fetch()).toMatchObject({ taken: [{ id: 'a-2' }], warnings: [] });
    project.fate = () => 'done';
    const page = await project.fetch({ exclude: ['a-2'] });
    expect(page).toMatchObject({
      taken: [],
      warnings: ['a-1 is done now, which could not be written before; closed e-1 with it'],
    });
    expect(project.tracked()).toMatchObject({
      'a-1': { status: 'closed', reason: 'landed' },
      'e-1': { status: 'closed' },
    });
    expect(project.unwritten()).toEqual([]);
  });

  it('is left to the call that is still at it', async () => {
    const project = await unwritten(CLOSE);
    project.fate = () => 'done';
    await project.fetch({ exclude: ['a-1'] });
    expect(project.tracked()['a-1']).toMatchObject({ status: 'in_progress' });
  });

  it('is closed at the start of the next run, before anything is taken', async () => {
    const project = await unwritten(CLOSE);
    project.fate = () => 'done';
    expect(await project.listLeftovers()).toEqual(['outcome a-1: clean, is closed']);
    expect(await project.clean()).toEqual(['a-1 is done now, which could not be written before; closed e-1 with it']);
    expect(await project.listLeftovers()).toEqual([]);
    expect((await project.fetch({}, 'run-2')).taken).toMatchObject([{ id: 'a-2' }]);
  });

  it('is not run again by the next run while the tracker goes on refusing it', async () => {
    const project = await unwritten(CLOSE);
    expect(await project.clean()).toEqual(['a-1: could not be cleaned up: no close']);
    const selection = { ...project.request().selection, wip_first: true };
    expect((await project.fetch({ selection }, 'run-2')).taken).toMatchObject([{ id: 'a-2' }]);
  });

  it('is set aside with its note by the next run, if it has failed', async () => {
    const project = await unwritten(FAIL);
    project.fate = () => 'done';
    expect(await project.listLeftovers()).toEqual(['outcome a-1: clean, goes back to open, marked needs-followup']);
    expect(await project.clean()).toEqual(['a-1 is set aside now, which could not be written before']);
    expect(project.tracked()['a-1']).toMatchObject({ status: 'open', labels: ['needs-followup'] });
    expect(project.tracked()['a-1']).toMatchObject({ notes: expect.stringContaining('the gate failed') });
  });

  it.each(['', 'nonsense', '{"version": 2}'])(
    'is settled as a claim of a dead run when what was written down is %j',
    async (content) => {
      const project = await unwritten(CLOSE);
      project.fate = () => 'done';
      writeFileSync(join(project.dir, '.garland/unwritten/a-1.json'), content);
      expect(await project.clean()).toEqual(['a-1 was claimed by an earlier run that is gone: back to open']);
      expect(project.tracked()['a-1']).toMatchObject({ status: 'open', claimed: false });
    },
  );

  it('is left alone when somebody has taken it in hand meanwhile', async () => {
    const project = await unwritten(CLOSE);
    project.fate = () => 'done';
    await project.finalize('a-1', RELEASE);
    await writeUnwritten(project.dir, { runId: 'run-1', issueId: 'a-1', issueTitle: 'a-1', settlement: CLOSE });
    expect(await project.clean()).toEqual([]);
    expect(project.tracked()['a-1']).toMatchObject({ status: 'open' });
    expect(project.unwritten()).toEqual([]);
  });
});
