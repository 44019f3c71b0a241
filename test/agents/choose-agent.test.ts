import { describe, expect, it } from 'vitest';
import { chooseAgent } from '../../src/agents/choose-agent.js';
import { configSchema } from '../../src/config/schema.js';
import { UserError } from '../../src/errors.js';

const config = configSchema.parse({
  agent: {
    kind: 'claude',
    by_label: { hard: { kind: 'claude', model: 'opus', effort: 'high' }, cheap: 'codex', Amp: 'amp' },
  },
});

const choose = (issue: { description?: string; labels?: string[] }, settings = config) =>
  chooseAgent({ id: 'a-1', labels: [], ...issue }, settings);

describe('chooseAgent', () => {
  it('takes the one of the configuration', () => {
    expect(choose({})).toEqual({ kind: 'claude' });
    expect(choose({ labels: ['other'], description: 'Do it.' })).toEqual({ kind: 'claude' });
  });

  it('takes the first label in the order of the configuration', () => {
    expect(choose({ labels: ['cheap'] })).toEqual({ kind: 'codex' });
    expect(choose({ labels: ['Amp', 'cheap'] })).toEqual({ kind: 'codex' });
    expect(choose({ labels: ['amp'] })).toEqual({ kind: 'amp' });
    expect(choose({ labels: ['cheap', 'hard'] })).toEqual({ kind: 'claude', model: 'opus', effort: 'high' });
  });

  it.each([
    [
      '---\nagent: codex\nmodel: gpt-5.1-codex\neffort: high\n---\nText',
      { kind: 'codex', model: 'gpt-5.1-codex', effort: 'high' },
    ],
    ['\n---\r\nagent: amp\r\n---\r\nText', { kind: 'amp' }],
    ['---\nmodel: sonnet[1m]\n---', { kind: 'claude', model: 'sonnet[1m]', effort: 'high' }],
    ['---\nagent: codex\n---\n', { kind: 'codex' }],
    ['---\nreviewer: me\n---\nText', { kind: 'claude', model: 'opus', effort: 'high' }],
    ['Text\n---\nagent: codex\n---\n', { kind: 'claude', model: 'opus', effort: 'high' }],
    ['---\n- a list\n---\n', { kind: 'claude', model: 'opus', effort: 'high' }],
    ['---\nbroken: [\n---\n', { kind: 'claude', model: 'opus', effort: 'high' }],
    ['---\nagent: codex', { kind: 'claude', model: 'opus', effort: 'high' }],
  ])('lets the text beat the label: %j', (description, choice) => {
    expect(choose({ description, labels: ['hard'] })).toEqual(choice);
  });

  it.each([
    ['agent: gpt', 'a-1: its text asks for agent: found "gpt", allowed: shell, claude, codex, amp'],
    ['agent: [codex]', /a-1: its text asks for agent: found .*, allowed: shell/],
    ['agent: shell', 'a-1: agent shell is asked for, but agent.command is not set in WORKFLOW.md'],
    ['model: --dangerous', `a-1: its text asks for model: found "--dangerous", allowed: a model's name`],
    ['model: "a b"', /found "a b"/],
    ['model: "$(touch x)"', /allowed: a model's name/],
    ['effort: 5', 'a-1: its text asks for effort: found 5, allowed: a word'],
  ])('refuses %s', (line, message) => {
    const act = () => choose({ description: `---\n${line}\n---\n` });
    expect(act).toThrow(UserError);
    expect(act).toThrow(message);
  });

  it('says that nothing names an agent', () => {
    expect(() => choose({}, configSchema.parse({}))).toThrow('agent.kind: nothing is set, allowed: shell');
  });
});
