import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createAgent } from '../../src/agents/create-agent.js';
import { createShellAgent } from '../../src/agents/shell.js';
import { NO_SESSION } from '../../src/agents/session.js';
import { configSchema } from '../../src/config/schema.js';
import { UserError } from '../../src/errors.js';
import { useTemporaryJobs } from '../processes/temporary-jobs.js';

const files = useTemporaryJobs();
const agent = createShellAgent('true', { now: () => new Date('2026-05-01T00:00:00Z') });

function interpret(exitCode: number, stdout: string, stderr = '') {
  writeFileSync(files.path('stdout'), stdout);
  writeFileSync(files.path('stderr'), stderr);
  return agent.interpret({ stdoutFile: files.path('stdout'), stderrFile: files.path('stderr'), exitCode });
}

describe('the shell agent', () => {
  it('ends well with exit 0', async () => {
    expect(await interpret(0, 'working\nAll done.\n\n  \n')).toEqual({
      outcome: 'succeeded',
      reason: 'exit 0',
      lastMessage: 'All done.',
    });
    expect(await interpret(0, '')).toEqual({ outcome: 'succeeded', reason: 'exit 0' });
  });

  it('fails with any other, and says what it said last', async () => {
    expect(await interpret(1, 'out\n', 'a\ncannot find b\n')).toMatchObject({
      outcome: 'failed',
      reason: 'exit 1: cannot find b',
    });
    expect(await interpret(137, '')).toMatchObject({ outcome: 'failed', reason: 'exit 137 (SIGKILL)' });
  });

  it.each(['NO_CHANGE', 'ALREADY_DONE', 'OBSOLETE'])('says that nothing is to be done: %s', async (kind) => {
    expect(await interpret(0, `looked\nGARLAND: ${kind} nothing to do\n`)).toMatchObject({
      outcome: 'no_change',
      reason: 'nothing to do',
      marker: { kind, reason: 'nothing to do' },
    });
    expect(await interpret(3, `GARLAND: ${kind} nothing to do\n`)).toMatchObject({ outcome: 'failed' });
  });

  it.each([0, 1])('is blocked, with exit %i', async (exitCode) => {
    expect(await interpret(exitCode, 'GARLAND: BLOCKED no access\n')).toMatchObject({
      outcome: 'failed',
      reason: 'blocked: no access',
      marker: { kind: 'BLOCKED' },
    });
  });

  it('counts a marker only in the last line', async () => {
    expect(await interpret(0, 'GARLAND: NO_CHANGE x\nno, I did it\n')).toMatchObject({ outcome: 'succeeded' });
  });

  it('takes no part of an overlong line for a marker', async () => {
    const marker = 'GARLAND: NO_CHANGE';
    for (let shift = 0; shift < 20; shift += 1) {
      const report = await interpret(
        0,
        `${'x'.repeat(100_000)}${marker} ${'y'.repeat(65_500 - marker.length + shift)}`,
      );
      expect(report.outcome).toBe('succeeded');
      expect(report.lastMessage?.length).toBeLessThanOrEqual(2_000);
    }
  });

  it('reads output of 20 MB and nonsense', async () => {
    const report = await interpret(0, `${'x'.repeat(20_000_000)}\n\u0000\u001B[1mbold\u001B[0m\uD800 end`);
    expect(report.lastMessage).toBe('bold\uFFFD end');
  });
});

describe('a usage limit', () => {
  const limited = (exitCode: number, time: string) => interpret(exitCode, `GARLAND: LIMITED ${time} come back later\n`);

  it('lasts until the time given', async () => {
    expect(await limited(75, '2026-05-01T07:00:00+02:00')).toMatchObject({
      outcome: 'limited',
      limitedUntil: '2026-05-01T05:00:00.000Z',
      reason: 'limited until 2026-05-01T05:00:00.000Z: come back later',
    });
  });

  it('is over now when the time has passed, and says so', async () => {
    expect(await limited(75, '2020-01-01T00:00:00Z')).toMatchObject({
      outcome: 'limited',
      limitedUntil: '2026-05-01T00:00:00.000Z',
      reason:
        'limited until 2026-05-01T00:00:00.000Z: the time given, 2020-01-01T00:00:00Z, has passed: come back later',
    });
  });

  it.each(['2036-01-01T00:00:00Z', '2126-05-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
    'lasts 7 days at most, not until %s, and says so',
    async (time) => {
      expect(await limited(75, time)).toMatchObject({
        outcome: 'limited',
        limitedUntil: '2026-05-08T00:00:00.000Z',
        reason: expect.stringContaining(`the time given, ${time}, is more than 7 days ahead`),
      });
    },
  );

  it.each(['tomorrow', '2026-13-45T00:00:00Z', '12026-01-01T00:00:00Z', '2026-05-01', '1777593600', '7pm', ''])(
    'is a failure with the time %j, and says so',
    async (time) => {
      const report = await limited(75, time);
      expect(report).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('no ISO 8601 time') });
      expect(report).not.toHaveProperty('limitedUntil');
    },
  );

  it('counts with exit 75 only', async () => {
    expect(await limited(1, '2026-05-01T07:00:00Z')).toMatchObject({ outcome: 'failed' });
    expect(await limited(0, '2026-05-01T07:00:00Z')).toMatchObject({ outcome: 'succeeded' });
    expect(await interpret(75, 'temporary failure')).toMatchObject({
      outcome: 'failed',
      reason: 'exit 75: temporary failure',
    });
  });
});

describe('createAgent', () => {
  it('runs the command through sh', () => {
    const config = configSchema.parse({ agent: { command: 'my-agent --fast | tee log' } });
    const spec = {
      issueId: 'a',
      issueTitle: '',
      attempt: 1,
      runId: 'r',
      workspace: '/w',
      folder: '/f',
      runFolder: '/r',
      promptFile: '/p',
      baseBranch: '',
    };
    const { argv } = createAgent({ kind: 'shell' }, config).launch(spec, NO_SESSION);
    expect(argv).toEqual(['/bin/sh', '-c', 'my-agent --fast | tee log']);
  });

  it('says what is missing', () => {
    const create = () => createAgent({ kind: 'shell' }, configSchema.parse({}));
    expect(create).toThrow(UserError);
    expect(create).toThrow(/agent\.command.*--agent/);
  });
});
