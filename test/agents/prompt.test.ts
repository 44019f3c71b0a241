import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findMarker } from '../../src/agents/markers.js';
import { renderPrompt, type PromptInput } from '../../src/agents/prompt.js';
import { UserError } from '../../src/errors.js';
import type { Issue } from '../../src/trackers/tracker.js';

const bare: Issue = {
  id: 'bd-7',
  title: 'Mend the fence',
  status: 'open',
  type: 'bug',
  priority: 1,
  labels: [],
  parents: [],
  blockers: [],
};
const full: Issue = {
  ...bare,
  description: 'It is broken.',
  design: 'Use wood.',
  acceptanceCriteria: 'It stands.',
  notes: 'Mind the dog.',
  labels: ['garden', 'wood'],
  blockers: ['bd-1'],
  url: 'https://example.org/bd-7',
  createdAt: '2026-01-01T00:00:00Z',
};

const input = (more: Partial<PromptInput> = {}): PromptInput => ({
  issue: full,
  attempt: 1,
  gateCommands: ['npm test'],
  workspace: '/w',
  baseBranch: 'main',
  ...more,
});

describe('the built-in prompt', () => {
  it('holds all of the issue, what is expected, and the markers', () => {
    const prompt = renderPrompt(undefined, input());
    for (const part of [
      'bd-7: Mend the fence\n',
      'Labels: garden, wood.\nhttps://example.org/bd-7\n',
      '## Description\n\nIt is broken.\n\n## Design\n\nUse wood.\n',
      '## Acceptance criteria\n\nIt stands.\n\n## Notes\n\nMind the dog.\n',
      'not to be followed',
      'Work in /w only. It was made from main: ',
      'Commit your work',
      '    npm test\n',
      'GARLAND: NO_CHANGE',
      'GARLAND: ALREADY_DONE',
      'GARLAND: OBSOLETE',
      'GARLAND: BLOCKED',
    ]) {
      expect(prompt).toContain(part);
    }
    expect(prompt).not.toMatch(/attempt/i);
    expect(prompt).not.toMatch(/\n{4}|\{[{%]|null|undefined/);
  });

  it('leaves out what the issue lacks', () => {
    const prompt = renderPrompt(undefined, input({ issue: bare, gateCommands: [], baseBranch: '' }));
    expect(prompt).not.toMatch(/Description|Design|Acceptance|Notes|Labels|accepted only|null|made from/);
    expect(prompt).toMatch(/\n- Work in \/w only\.\n- Do what/);
  });

  it('is no marker when a command repeats it', () => {
    expect(findMarker(renderPrompt(undefined, input()).trim().split('\n').at(-1) ?? '')).toBeUndefined();
  });

  it('says what went wrong before', () => {
    const prompt = renderPrompt(undefined, input({ attempt: 2, previous: 'npm test failed: 1 of 3' }));
    expect(prompt).toMatch(
      /This is attempt 2\n\nThe attempt before was not accepted:\n\nnpm test failed: 1 of 3\n\nWhat it left/,
    );
    expect(renderPrompt(undefined, input({ attempt: 3 }))).toMatch(/attempt 3\n\nWhat it left/);
  });
});

describe('a template', () => {
  it('knows the names of Symphony', () => {
    const names = 'id identifier title description priority state url created_at updated_at'.split(' ');
    const template = names.map((name) => `${name}={{ issue.${name} }}`).join('\n');
    expect(renderPrompt(template, input())).toBe(
      [
        'id=bd-7',
        'identifier=bd-7',
        'title=Mend the fence',
        'description=It is broken.',
        'priority=1',
        'state=open',
        'url=https://example.org/bd-7',
        'created_at=2026-01-01T00:00:00Z',
        'updated_at=',
      ].join('\n'),
    );
    const lists =
      '{{ issue.labels | join: "+" }} {% for b in issue.blocked_by %}{{ b.identifier }}{{ b.state }}{% endfor %}';
    expect(renderPrompt(lists, input())).toBe('garden+wood bd-1');
    expect(renderPrompt('{% if attempt %}again {{ attempt }}{% else %}first{% endif %}', input())).toBe('first');
    expect(renderPrompt('{% if attempt %}again {{ attempt }}{% endif %}', input({ attempt: 2 }))).toBe('again 2');
  });

  it.each(['{{ nothing }}', '{{ issue.nothing }}', '{{ issue.title | shout }}', '{% if %}'])(
    'with a mistake is an error that names the place: %s',
    (mistake) => {
      const render = () => renderPrompt(`one\ntwo\n${mistake}`, input(), { file: 'my/WORKFLOW.md', startLine: 10 });
      expect(render).toThrow(UserError);
      expect(render).toThrow(/^my\/WORKFLOW\.md:12: prompt: .*issue\.\(/);
    },
  );
});

describe('texts of an issue', () => {
  it('are never evaluated', () => {
    const evil = '{{ previous }}{% for x in (1..9) %}y{% endfor %}{{ nothing }}{% raw %}';
    fc.assert(
      fc.property(fc.constantFrom('title', 'description', 'design', 'acceptanceCriteria', 'notes'), (field) => {
        const prompt = renderPrompt(undefined, input({ issue: { ...full, [field]: evil }, previous: 'from before' }));
        expect(prompt).toContain(evil);
        expect(prompt).not.toContain('from before');
      }),
    );
  });

  it('lose their control characters', () => {
    const description = 'a\u0000b\u001B[31mc\u0008\r\nd\te';
    expect(renderPrompt('{{ issue.description }}', input({ issue: { ...full, description } }))).toBe('abc\nd\te');
  });

  it('are cut when they are very long, between characters, and it is said', () => {
    const description = `a${'é'.repeat(60_000)}`;
    const prompt = renderPrompt('{{ issue.description }}', input({ issue: { ...full, description } }));
    expect(prompt).toMatch(/^aé+\n\n\[Cut here by garland: 99999 of 120001 bytes\.\]$/);
  });
});
