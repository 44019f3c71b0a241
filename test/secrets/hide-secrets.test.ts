import { expect, it, onTestFinished, vi } from 'vitest';
import { hideInAnswer, hideInError } from '../../src/secrets/hide-in-answer.js';
import { hideSecrets } from '../../src/secrets/hide-secrets.js';

it.each([
  ['https://me:pass@example.org/x.git', 'https://example.org/x.git'],
  [
    "fatal: unable to access 'https://token@example.org:8443/x/': no",
    "fatal: unable to access 'https://example.org:8443/x/': no",
  ],
  ['ssh://git@example.org/x and http://a:b@c/', 'ssh://example.org/x and http://c/'],
  ['git@example.org:x.git', 'git@example.org:x.git'],
  ['https://example.org/a@b, mail me@example.org', 'https://example.org/a@b, mail me@example.org'],
])('leaves out who calls, and the password: %s', (text, shown) => {
  expect(hideSecrets(text)).toBe(shown);
});

it('leaves out what is a secret by the name of its variable, and nothing else', () => {
  const env = {
    GITHUB_TOKEN: 'planted-token-1',
    MY_API_KEY: 'planted-token-12',
    DB_PASSWORD: 'short',
    PATH: '/usr/bin:/planted',
    EMPTY_TOKEN: '',
  };
  const text = 'planted-token-1 and planted-token-12, short in /usr/bin:/planted';
  expect(hideSecrets(text, env)).toBe('*** and ***, short in /usr/bin:/planted');
});

it('finds them in all that an answer tells, at any depth, and leaves ids and paths as they are', () => {
  vi.stubEnv('GITHUB_TOKEN', 'planted-token-1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const answer = {
    id: 'planted-token-1',
    directory: '/x/planted-token-1',
    reason: 'no: planted-token-1',
    refused: [{ id: 'planted-token-1', reason: 'https://a:b@c/ planted-token-1' }],
    warnings: ['planted-token-1'],
    next: null,
    seconds: 1,
  };
  expect(hideInAnswer(answer)).toEqual({
    ...answer,
    reason: 'no: ***',
    refused: [{ id: 'planted-token-1', reason: 'https://c/ ***' }],
    warnings: ['***'],
  });
  const error = new TypeError('planted-token-1', { cause: new Error('https://planted-token-1@c') });
  hideInError(error);
  expect(`${error.stack} ${String(error.cause)}`).not.toContain('planted');
  expect(error).toBeInstanceOf(TypeError);
});
