import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/schema.js';
import { loadWorkflowFile } from '../../src/config/workflow-file.js';
import { kinds } from './load-text.js';
import { makeFolder, messageOf } from './temporary-folder.js';

async function load(yaml: string, env: NodeJS.ProcessEnv): Promise<Config> {
  const folder = await makeFolder();
  await writeFile(join(folder, 'WORKFLOW.md'), `---\n${yaml}\n---\n`);
  return (await loadWorkflowFile(join(folder, 'WORKFLOW.md'), { env })).config;
}

const problemOf = async (yaml: string, env: NodeJS.ProcessEnv): Promise<string> =>
  (await messageOf(() => load(yaml, env))).replace(/^.*WORKFLOW\.md/, 'WORKFLOW.md');

describe('$NAME', () => {
  it('stands for text, a number, a switch, a word of a list, and an entry', async () => {
    const env = { NAME: 'shop', TURNS: '7', ALL: 'unlimited', OFF: 'false', ORDER: 'focus', LABEL: '12', _1: 'x' };
    const config = await load(
      `project: $NAME
agent: {max_turns: $TURNS, max_concurrent_agents: $ALL, env: [$_1]}
run: {max_issues: $TURNS, order: $ORDER}
git: {commit: $OFF}
tracker: {required_labels: [$LABEL, b], active_states: $NAME}`,
      env,
    );
    expect(config).toMatchObject({
      project: 'shop',
      agent: { max_turns: 7, max_concurrent_agents: 'unlimited', env: ['x'] },
      run: { max_issues: 7, order: 'focus' },
      git: { commit: false },
      tracker: { required_labels: ['12', 'b'], active_states: ['shop'] },
    });
  });

  it("reaches into the tracker's own settings at any depth", async () => {
    const config = await load('tracker: {provider: {token: $T, list: [{deep: $T}], n: "5"}}', { T: 'abc' });
    expect(config.tracker.provider).toEqual({ token: 'abc', list: [{ deep: 'abc' }], n: '5' });
  });

  it('is left to the shell in commands, and is just text within other text', async () => {
    const config = await load(
      'agent: {command: $RUN}\nhooks: {before_run: $RUN}\nverify: {commands: [$RUN]}\nworkspace: {root: $RUN/a}\nland: {into: a$RUN}',
      { RUN: 'x' },
    );
    expect(config).toMatchObject({
      agent: { command: '$RUN' },
      hooks: { before_run: '$RUN' },
      verify: { commands: ['$RUN'] },
      workspace: { root: '$RUN/a' },
      land: { into: 'a$RUN' },
    });
  });

  it.each([
    ['unset', {}, "isn't set"],
    ['empty', { ROOT: '' }, 'is empty'],
  ])('is an error where the variable is %s', async (_, env, state) => {
    expect(await problemOf('workspace:\n  root: $ROOT', env)).toBe(
      `WORKFLOW.md:3: workspace.root: found $ROOT, which ${state} in the environment, allowed: a variable that is set, or the value itself`,
    );
  });

  it('names an unset variable once, also where it makes its list wrong', async () => {
    expect(await problemOf('tracker: {active_states: [$A, open]}', {})).toBe(
      "WORKFLOW.md:2: tracker.active_states[0]: found $A, which isn't set in the environment, allowed: a variable that is set, or the value itself",
    );
  });

  it('never shows the value, which may be a secret in the wrong place', async () => {
    const env = { TOKEN: 'hunter2' };
    expect((await problemOf('agent: {kind: $TOKEN}', env)).split('\n')).toEqual([
      `WORKFLOW.md:2: agent.kind: found $TOKEN (its value isn't shown), allowed: ${kinds('agent')}`,
    ]);
    expect(await problemOf('agent: {max_turns: $TOKEN}', env)).not.toContain('hunter2');
    expect(await problemOf('tracker: {active_states: [$TOKEN, 5]}', env)).not.toContain('hunter2');
    expect(await problemOf('tracker: $TOKEN', env)).not.toContain('hunter2');
  });

  it('does not look at the environment for what it does not know', async () => {
    expect(await load('other: {key: $SECRET}\ntracker: {api_key: $SECRET}', {})).toMatchObject({
      other: { key: '$SECRET' },
      tracker: { api_key: '$SECRET' },
    });
  });

  it.each(['1e3', '0x10', '1_000', ' ', 'TRUE', '1.0'])('does not take %j for a number or a switch', async (text) => {
    expect(await problemOf('agent: {max_turns: $V}', { V: text })).toContain('agent.max_turns: found $V');
    expect(await problemOf('git: {commit: $V}', { V: text })).toContain('git.commit: found $V');
  });
});

it('takes whole numbers in quotes, as the Symphony specification does, and nothing else', async () => {
  expect(await load('polling: {interval_ms: "500"}', {})).toMatchObject({ polling: { interval_ms: 500 } });
  expect(await problemOf('agent: {max_turns: "0"}', {})).toMatch(/agent\.max_turns: found "0", allowed: a whole/);
  expect(await problemOf('git: {commit: "true"}', {})).toMatch(/git\.commit: found "true", allowed: true or false/);
});
