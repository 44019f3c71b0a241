import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alikeIssues } from '../integration/harness/backlog.js';
import { kill } from '../integration/harness/processes.js';
import { waitFor } from '../integration/harness/wait-for.js';
import { findProgram, type RealKind } from './real-programs.js';
import type { Reply } from './reply.js';
import { compareUsage, readRecords, withRealAgent } from './with-real-agent.js';

const commits = (id: string): Reply => ({
  does: 'run',
  command: `mkdir -p work && echo ${id} >work/${id} && git add work && git commit --quiet -m "${id} by its agent"`,
});
const says = (text: string): Reply => ({ does: 'say', text });
const issues = (count: number) => alikeIssues(count, { seconds: 0, does: 'nothing' });

const kinds = (['claude', 'codex'] satisfies RealKind[]).map((kind) => ({ kind, ...findProgram(kind) }));

describe.each(kinds)('the real $kind', ({ kind, missing }) => {
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
          { does: 'run', command: `echo $PPID >'${pidFile}.new' && mv '${pidFile}.new' '${pidFile}' && exec sleep 5` },
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
});

function readPid(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}
