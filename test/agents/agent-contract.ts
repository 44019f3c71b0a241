import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Agent, SessionStart } from '../../src/agents/agent.js';
import { NO_SESSION } from '../../src/agents/session.js';
import { NO_USAGE } from '../../src/agents/measure-usage.js';
import { useTemporaryJobs } from '../processes/temporary-jobs.js';
import { FIRST_ATTEMPT } from './attempt-spec.js';

export interface ContractCase {
  agent: Agent;
  /** What its program writes to stdout when it ends well and this is its last message. */
  says(message: string): string;
  /** What its program does to tell a usage limit. */
  limit: { stdout: string; exitCode: number };
}

const spec = FIRST_ATTEMPT;
const LONGEST = 7 * 24 * 3_600_000;

/** What every kind of agent keeps to. */
export function testAgentContract(name: string, makeCase: () => ContractCase): void {
  describe(`${name}, as every agent`, () => {
    const files = useTemporaryJobs();
    const { agent, says, limit } = makeCase();

    const interpret = (stdout: string | Buffer, exitCode: number | null = 0, stderr = '') => {
      writeFileSync(files.path('stdout'), stdout);
      writeFileSync(files.path('stderr'), stderr);
      return agent.interpret({ stdoutFile: files.path('stdout'), stderrFile: files.path('stderr'), exitCode });
    };

    it('is started by arguments that a program can be started with', () => {
      const id = agent.chooseSession?.();
      for (const session of [NO_SESSION, { resumes: false, id, before: NO_USAGE }]) {
        const { argv, env, passEnv } = agent.launch(spec, session);
        expect([...argv, ...Object.values(env)].filter((word) => word.includes('\0'))).toEqual([]);
        expect(passEnv.filter((each) => /^(TEMPORAL_|GITHUB_|GH_|LINEAR_)/.test(each))).toEqual([]);
      }
    });

    it('names the session that it goes on with, if it has any', () => {
      const session: SessionStart = { id: '11111111-1111-4111-8111-111111111111', resumes: true, before: NO_USAGE };
      expect(agent.launch(spec, session).argv.includes(session.id ?? '')).toBe(agent.hasSessions);
    });

    it('ends well when its program says so', async () => {
      const report = await interpret(says('All is done.'));
      expect(report).toMatchObject({ outcome: 'succeeded', lastMessage: 'All is done.' });
      expect(report.resumable ?? false).toBe(agent.hasSessions);
    });

    it.each(['NO_CHANGE', 'ALREADY_DONE', 'OBSOLETE'])('says that nothing is to be done: %s', async (kind) => {
      expect(await interpret(says(`I looked.\nGARLAND: ${kind} it is there`))).toMatchObject({
        outcome: 'no_change',
        reason: 'it is there',
        marker: { kind },
      });
    });

    it('says that it is blocked', async () => {
      expect(await interpret(says('GARLAND: BLOCKED a person has to decide'))).toMatchObject({
        outcome: 'failed',
        reason: 'blocked: a person has to decide',
        marker: { kind: 'BLOCKED' },
      });
    });

    it('has not ended well with any other exit status', async () => {
      for (const exitCode of [1, 2, 126, 127, 137]) {
        expect(await interpret(says('GARLAND: NO_CHANGE x'), exitCode)).toMatchObject({ outcome: 'failed' });
        expect((await interpret('', exitCode)).reason).not.toBe('');
      }
    });

    it('is limited until a time that comes', async () => {
      const { outcome, limitedUntil = '' } = await interpret(limit.stdout, limit.exitCode);
      expect(outcome).toBe('limited');
      expect(Date.parse(limitedUntil)).toBeGreaterThan(Date.now() - LONGEST);
      expect(Date.parse(limitedUntil)).toBeLessThanOrEqual(Date.now() + LONGEST);
    });

    it('says in one line what was wrong, and cuts its last message', async () => {
      const long = 'x'.repeat(10_000);
      const failed = await interpret(`${long}\n${long}`, 1, `${long}\n${long}\n`);
      expect(failed.reason.length).toBeLessThanOrEqual(300);
      expect(failed.reason).not.toContain('\n');
      expect((await interpret(says(long))).lastMessage?.length).toBe(2_000);
    });

    it('reads whatever there is: cut, in another encoding, nonsense, 10 MB in a line', async () => {
      const whole = says('All is done.');
      const outputs = [
        whole.slice(0, -whole.length / 3),
        Buffer.from(whole, 'utf16le'),
        randomBytes(100_000),
        `${'{"type":'.repeat(1_000)}\n`,
        '{"type":"result"}\n{"type":"assistant","message":null}\nnull\n[]\n5\n{"type":"item.completed","item":{}}\n',
      ];
      for (const output of outputs) {
        const report = await interpret(output, 1);
        expect(report).toMatchObject({ outcome: 'failed', reason: expect.any(String) });
      }
      const noise = JSON.stringify({ type: 'news', text: 'z'.repeat(10_000_000) });
      expect(await interpret(`${noise}\nWarning: no JSON\n${whole}`)).toMatchObject({ outcome: 'succeeded' });
    });

    it('reads files that are not there', async () => {
      const missing = { stdoutFile: files.path('none'), stderrFile: files.path('none'), exitCode: 1 };
      expect(await agent.interpret(missing)).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('1') });
    });

    it.skipIf(!agent.hasSessions)(
      'trusts no exit status without a result, and says what to do without a program',
      async () => {
        expect(await interpret('')).toMatchObject({ outcome: 'failed', reason: 'exit 0 without its result' });
        const { reason, unusable } = await interpret('', 127, 'sh: 1: exec: not found\n');
        expect([unusable, reason]).toEqual([true, expect.stringMatching(/there is no program.*Install/)]);
        const denied = await interpret('', 126, 'sh: 1: exec: /bin/agent: Permission denied\n');
        expect([denied.unusable, denied.reason]).toEqual([true, expect.stringMatching(/Permission denied.*Install/)]);
        // The folder is what is missing.
        for (const said of ["sh: 1: cd: can't cd to /gone\n", 'sh: line 25: cd: /gone: No such file or directory\n']) {
          expect(await interpret('', 126, said)).not.toHaveProperty('unusable');
        }
      },
    );
  });
}
