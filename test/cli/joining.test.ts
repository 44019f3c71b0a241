import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeProject, untilWritten, type ProjectFolder } from './project-folder.js';

const agent = 'until [ -e ../../../go ]; do sleep 0.05; done; echo done > "$GARLAND_ISSUE_ID.txt"';
const issues = [{ id: 'a' }, { id: 'b' }];
const goodWorkflow = (name: string): string =>
  `project: ${name}\nagent:\n  command: ${JSON.stringify(agent)}\n  max_concurrent_agents: 1\npolling:\n  interval_ms: 500`;

/** A run with an agent at work, whose only worker is dead. */
async function leaveAtWork(): Promise<ProjectFolder> {
  const named = `joined-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const project = await makeProject({ issues, workflow: goodWorkflow(named) });
  // Whatever happens, the agent ends.
  onTestFinished(() => writeFile(join(project.dir, 'go'), '').catch(() => {}));
  const run = project.garland('run', '--json');
  await untilWritten(run, 'stdout', 'agent_started');
  run.kill('SIGKILL');
  await run;
  return { ...project, name: named };
}

describe('joining a run whose worker has died', { timeout: 180_000 }, () => {
  test('needs no tracker that can be read, and finishes once it can be', async () => {
    const project = await leaveAtWork();
    const tracker = join(project.dir, '.beads', 'issues.jsonl');
    const good = await readFile(tracker, 'utf8');
    await writeFile(tracker, `${good}{"id": "c",\n`);
    const run = project.garland('run');
    await untilWritten(run, 'stderr', 'joining it');
    await writeFile(join(project.dir, 'go'), '');
    await untilWritten(run, 'stdout', 'issues.jsonl:3');
    await writeFile(tracker, good);
    const { exitCode, stdout } = await run;
    expect(stdout).toContain('2 succeeded');
    expect(exitCode).toBe(0);
  });

  test.each([
    ['has a key that is none', (good: string) => good.replace('command', 'comand'), 'agent.comand'],
    ['is no YAML', (good: string) => `${good}\nverify: { commands: [`, 'broken YAML'],
  ])(
    'needs no WORKFLOW.md that can be used: one that %s is told, and the run finishes once it is mended',
    async (_, breakIt, told) => {
      const project = await leaveAtWork();
      const file = join(project.dir, 'WORKFLOW.md');
      await writeFile(file, `---\n${breakIt(goodWorkflow(project.name))}\n---\n`);
      const run = project.garland('run');
      await untilWritten(run, 'stderr', 'joining it');
      await writeFile(join(project.dir, 'go'), '');
      await writeFile(file, `---\n${goodWorkflow(project.name)}\n---\n`);
      const { exitCode, stdout, stderr } = await run;
      expect(stderr).toContain(`garland: warning: WORKFLOW.md:`);
      expect(stderr).toContain(told);
      expect(stdout).toContain('2 succeeded');
      expect(exitCode).toBe(0);
    },
  );

  test('needs flags that can be understood all the same', async () => {
    const project = await leaveAtWork();
    const { exitCode, stderr } = await project.garland('run', '--max-agents', 'many');
    expect(stderr).toContain('--max-agents: found "many"');
    expect(exitCode).toBe(2);
    expect(existsSync(join(project.dir, 'go'))).toBe(false);
    await project.garland('abort');
  });
});
