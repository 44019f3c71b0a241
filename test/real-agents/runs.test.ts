import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alikeIssues } from '../integration/harness/backlog.js';
import { kill } from '../integration/harness/processes.js';
import type { Project } from '../integration/harness/project.js';
import { waitFor } from '../integration/harness/wait-for.js';
import { findProgram, type RealKind } from './real-programs.js';
import type { Reply } from './reply.js';
import { compareUsage, readRecords, withRealAgent } from './with-real-agent.js';

const commits = (id: string): Reply => ({
  does: 'run',
  command: `mkdir -p work && echo ${id} >work/${id} && git add work && git commit --quiet -m "${id} by its agent"`,
});
/** Tells which process the agent is, and is at it for a while. */
const waits = (pidFile: string) => `echo $PPID >'${pidFile}.new' && mv '${pidFile}.new' '${pidFile}' && exec sleep 300`;
const says = (text: string): Reply => ({ does: 'say', text });
const issues = (count: number) => alikeIssues(count, { seconds: 0, does: 'nothing' });

const kinds = (['claude', 'codex'] satisfies RealKind[]).map((kind) => {
  const { missing } = findProgram(kind);
  return { kind, missing, name: missing === undefined ? kind : `${kind} (skipped: ${missing})` };
});

describe.each(kinds.map((one) => [one.name, one] as const))('the real %s', (_name, { kind, missing }) => {
  it.skipIf(missing !== undefined)(
    'works on five issues, and what it did lands and is counted',
    async () => {
      await withRealAgent(kind, { issues: issues(5) }, async (project, api) => {
        for (let index = 1; index <= 5; index += 1) {
          const id = `a-${index}`;
          api.script(id, [commits(id), says(`Did ${id}.`)]);
        }
        const run = project.run();
        expect(await run.ended, run.describe()).toMatchObject({ code: 0 });
        expect(project.landed()).toEqual([1, 2, 3, 4, 5].map((index) => `a-${index} by its agent`));
        expect([...project.issues().values()].map(({ status }) => status)).toEqual(Array(5).fill('closed'));
        const { counted, charged } = compareUsage(kind, project, api);
        expect(counted).toEqual(charged);
        expect(charged.input).toBe(10_000);
      });
    },
    180_000,
  );

  it.skipIf(missing !== undefined)(
    'goes on with its session after SIGKILL in the middle of a turn',
    async () => {
      await withRealAgent(kind, { issues: issues(1) }, async (project, api) => {
        const pidFile = join(project.top, 'pid');
        api.script('a-1', [
          { does: 'run', command: 'mkdir -p work && echo half >work/a-1' },
          { does: 'run', command: waits(pidFile) },
          commits('a-1'),
          says('Done after all.'),
        ]);
        const run = project.run();
        const pid = await waitFor('its second command runs', () => readPid(pidFile));
        kill(pid, 'SIGKILL');
        expect(await run.ended, run.describe()).toMatchObject({ code: 0 });
        expect(project.landed()).toEqual(['a-1 by its agent']);
        const records = readRecords(project);
        expect(records.map(({ name }) => name)).toEqual(['a-1/1', 'a-1/2']);
        expect(records[1]?.session).toBe(records[0]?.session);
        // The whole conversation is sent again: what was said before the kill is in it.
        expect(JSON.stringify(api.asked.at(-1)?.body)).toContain('echo half');
        const { counted, charged } = compareUsage(kind, project, api);
        expect(counted).toEqual(charged);
      });
    },
    180_000,
  );

  it.skipIf(missing !== undefined)(
    'goes on with its session when the gate is red, and knows nothing of its user when it is hermetic',
    async () => {
      const gate = ['grep -qx right work/a-1 || { echo work/a-1 is not right; exit 1; }'];
      const settings = { [kind]: { hermetic: true } };
      await withRealAgent(kind, { issues: issues(1), gate, settings }, async (project, api) => {
        const home = join(project.env['HOME'] ?? '', `.${kind}`);
        mkdirSync(home, { recursive: true });
        for (const memory of ['CLAUDE.md', 'AGENTS.md']) writeFileSync(join(home, memory), 'Remember the walrus.\n');
        api.script('a-1', [
          commits('a-1'),
          says('Done.'),
          { does: 'run', command: 'echo right >work/a-1 && git commit --quiet -am "a-1 mended by its agent"' },
          says('Now it is right.'),
        ]);
        const run = project.run();
        expect(await run.ended, run.describe()).toMatchObject({ code: 0 });
        expect(project.landed()).toEqual(['a-1 by its agent', 'a-1 mended by its agent']);
        expect(run.events.find(({ event }) => event === 'work_rejected')).toMatchObject({ id: 'a-1', attempt: 1 });
        const [first, second] = readRecords(project);
        expect(second).toMatchObject({ name: 'a-1/1-1', session: first?.session });
        expect(JSON.stringify(api.asked.at(-1)?.body)).toContain('work/a-1 is not right');
        expect(JSON.stringify(api.asked)).not.toContain('walrus');
        const { counted, charged } = compareUsage(kind, project, api);
        expect(counted).toEqual(charged);
      });
    },
    180_000,
  );

  it.skipIf(missing !== undefined)(
    'begins a new session, and loses no attempt, when its own is unknown to the program',
    async () => {
      await withRealAgent(kind, { issues: issues(1) }, async (project, api) => {
        const pidFile = join(project.top, 'pid');
        const forget = 'cd "$HOME" && { mv .claude/projects gone || mv .codex/sessions gone; }';
        api.script('a-1', [{ does: 'run', command: `${forget}; ${waits(pidFile)}` }, commits('a-1')]);
        const run = project.run();
        kill(await waitFor('it has forgotten', () => readPid(pidFile)), 'SIGKILL');
        expect(await run.ended, run.describe()).toMatchObject({ code: 0 });
        const [first, gone, fresh] = readRecords(project);
        expect(gone).toMatchObject({ name: 'a-1/2', session: first?.session, resumable: false });
        expect(fresh).toMatchObject({ name: 'a-1/2/fresh', resumable: true });
        expect(fresh?.session).not.toBe(first?.session);
      });
    },
    180_000,
  );

  it.skipIf(missing !== undefined)(
    'fails with the words of the API, of the model, and reads lines of 10 MB',
    async () => {
      const settings = { agent: { max_attempts: 1 } };
      await withRealAgent(kind, { issues: issues(3), settings }, async (project, api) => {
        const error = { type: 'invalid_request_error', message: 'The stub is not amused' };
        api.script('a-1', [{ does: 'fail', status: 400, body: { type: 'error', error }, always: true }]);
        api.script('a-2', [{ does: 'refuse', text: 'No.', always: true }]);
        const long = 'z'.repeat(10_000_000);
        api.script('a-3', [commits('a-3'), says(`${long}\nGARLAND: OBSOLETE it was there`)]);
        const run = project.run();
        expect(await run.ended, run.describe().slice(0, 4_000)).toMatchObject({ code: 1 });
        const reasons = Object.fromEntries(
          run.events.flatMap((each) => (each.event === 'issue_finalized' ? [[each.id, each.reason]] : [])),
        );
        expect(reasons['a-1']).toContain('The stub is not amused');
        expect(reasons['a-2']).toMatch({ claude: /safeguards flagged/, codex: /content_filter/ }[kind]);
        expect(reasons['a-3']).toBe('it was there');
        expect(project.issues().get('a-3')?.status).toBe('closed');
        dropWorkspaces(project, ['a-1', 'a-2']);
      });
    },
    180_000,
  );
});

describe.each(kinds.map((one) => [one.name, one] as const))(
  'a usage limit of the real %s',
  (_name, { kind, missing }) => {
    it.skipIf(missing !== undefined || kind !== 'claude')(
      'is waited for, and the session goes on',
      async () => {
        const env = { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-stub', ANTHROPIC_API_KEY: '' };
        await withRealAgent(kind, { issues: issues(1), env }, async (project, api) => {
          const resetsAt = Math.ceil(Date.now() / 1_000) + 30;
          api.script('a-1', [limitOf('claude', resetsAt), commits('a-1')]);
          const run = project.run();
          expect(await run.ended, run.describe()).toMatchObject({ code: 0 });
          const limited = await run.waitForEvent('usage_limited');
          // A program that takes its time to tell it is waited for a little longer.
          const late = Date.parse(limited.until) / 1_000 - resetsAt;
          expect([late >= 0, late < 60], limited.until).toEqual([true, true]);
          expect(limited.reason).toMatch(/^You've hit your limit · resets/);
          const records = readRecords(project);
          expect(records.map(({ name }) => name)).toEqual(['a-1/1', 'a-1/1-1']);
          expect(records[1]?.session).toBe(records[0]?.session);
          expect(project.landed()).toEqual(['a-1 by its agent']);
        });
      },
      180_000,
    );

    it.skipIf(missing !== undefined || kind !== 'codex')(
      'is told with the minute of its end',
      async () => {
        await withRealAgent(kind, { issues: issues(1) }, async (project, api) => {
          const resetsAt = Math.ceil(Date.now() / 1_000) + 3_600;
          api.script('a-1', [limitOf('codex', resetsAt)]);
          const run = project.run();
          const { until, reason } = await run.waitForEvent('usage_limited', undefined, { within: 60_000 });
          const late = Date.parse(until) / 1_000 - resetsAt;
          expect([late > 0, late <= 60], until).toEqual([true, true]);
          expect(reason).toContain('hit your usage limit');
          run.interrupt();
          await run.ended;
          dropWorkspaces(project, ['a-1']);
        });
      },
      180_000,
    );
  },
);

/** As the services answer that the programs know limits of. */
function limitOf(kind: RealKind, resetsAt: number): Reply {
  const status = 429;
  if (kind === 'codex') {
    const error = { type: 'usage_limit_reached', message: 'The usage limit has been reached', plan_type: 'plus' };
    return { does: 'fail', status, body: { error: { ...error, resets_at: resetsAt } } };
  }
  return {
    does: 'fail',
    status,
    body: { type: 'error', error: { type: 'rate_limit_error', message: 'This request would exceed your limit' } },
    headers: {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-reset': String(resetsAt),
      'anthropic-ratelimit-unified-representative-claim': 'five_hour',
      'anthropic-ratelimit-unified-overage-status': 'rejected',
      'x-should-retry': 'false',
    },
  };
}

/** Of failed issues, which are kept for a person. */
function dropWorkspaces(project: Project, ids: string[]): void {
  for (const id of ids) project.git('worktree', 'remove', '--force', join('.garland', 'workspaces', id));
}

function readPid(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}
