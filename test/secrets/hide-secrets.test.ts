import { expect, it, onTestFinished, vi } from 'vitest';
import { RequestError } from '@octokit/request-error';
import { writeFileSync } from 'node:fs';
import { createShellAgent } from '../../src/agents/shell.js';
import { toGitHubError } from '../../src/github/github-error.js';
import { readGitHubToken } from '../../src/github/token.js';
import { readTail } from '../../src/processes/read-tail.js';
import { hideInAnswer, hideInError } from '../../src/secrets/hide-in-answer.js';
import { hideSecrets } from '../../src/secrets/hide-secrets.js';
import { rejectWork } from '../../src/workspaces/rejection.js';
import { useTemporaryJobs } from '../processes/temporary-jobs.js';

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

it('leaves out the token that the configuration names, whatever its variable is called', () => {
  readGitHubToken('$GITHUB_PAT', { GITHUB_PAT: ' planted-pat-of-mine\n' });
  expect(hideSecrets('Bad credentials: planted-pat-of-mine', {})).toBe('Bad credentials: ***');
});

it('stays quick for any text', () => {
  const text = 'a.'.repeat(200_000);
  const start = performance.now();
  expect(hideSecrets(text, {})).toBe(text);
  expect(performance.now() - start).toBeLessThan(2_000);
});

const files = useTemporaryJobs();
const SECRET = 'planted-token-that-is-cut';

it.each<[string, number, (text: string) => unknown]>([
  ['a message of GitHub', 200, (text) => toGitHubError(new RequestError(text, 400, REQUEST), 'x').message],
  ['a rejection', 1_000, (text) => rejectWork('conflict', text).reason],
  ["an agent's last message", 2_000, interpret],
  ['the reason of an agent that failed', 292, interpret],
  ['a marker', 500, (text) => interpret(`GARLAND: BLOCKED ${text}`)],
  ['the end of an output', 3_000, (text) => readTail(write([...text].toReversed().join('')), 3_000)],
])('leaves no part of one where a text is cut: %s', async (what, length, tell) => {
  const secret = what === 'the end of an output' ? [...SECRET].toReversed().join('') : SECRET;
  vi.stubEnv('GITHUB_TOKEN', secret);
  onTestFinished(() => void vi.unstubAllEnvs());
  const text = `${'.'.repeat(length - 10)}${SECRET}${'.'.repeat(5_000)}`;
  expect(JSON.stringify(await tell(text))).not.toMatch(/plant|tnalp|cut/);
});

const REQUEST = {
  request: { method: 'GET' as const, url: 'https://x', headers: {} },
  response: { status: 400, url: 'https://x', headers: {}, data: {}, retryCount: 0 },
};

async function interpret(stdout: string): Promise<unknown> {
  const output = { stdoutFile: write(stdout), stderrFile: files.path('missing'), exitCode: 1, endedAt: new Date() };
  return createShellAgent('true').interpret(output);
}

function write(content: string): string {
  writeFileSync(files.path('output'), content);
  return files.path('output');
}

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
