import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildAgentEnvironment, buildEnvironment } from '../../src/agents/environment.js';
import { FIRST_ATTEMPT } from './attempt-spec.js';

const spec = { ...FIRST_ATTEMPT, issueTitle: 'Title', attempt: 2 };

describe('buildEnvironment', () => {
  it('lets the usual through and no more', () => {
    const usual = {
      PATH: '/bin',
      HOME: '/home/me',
      LANG: 'C',
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
      XDG_CONFIG_HOME: '/c',
      HTTPS_PROXY: 'http://proxy',
      no_proxy: 'localhost',
      SSL_CERT_FILE: '/certs',
      GIT_AUTHOR_NAME: 'Me',
      GIT_COMMITTER_EMAIL: 'me@example.org',
    };
    const other = {
      GITHUB_TOKEN: 't',
      OPENAI_API_KEY: 'k',
      TEMPORAL_ADDRESS: 'a',
      EDITOR: 'vi',
      GIT_DIR: '/elsewhere',
      GARLAND_JOB: '/another/job',
      MY_PATH: '/x',
      PATHS: '/y',
      NODE_OPTIONS: '--inspect',
    };
    expect(buildEnvironment({ source: { ...usual, ...other } })).toEqual(usual);
  });

  it('lets more through by exact name, but never what leads to Temporal', () => {
    const source = { API_KEY: 'k', API_KEY_2: 'x', TEMPORAL_API_KEY: 's', api_key: 'y' };
    expect(buildEnvironment({ names: ['API_KEY', 'TEMPORAL_API_KEY', 'MISSING', 'API.*'], source })).toEqual({
      API_KEY: 'k',
    });
  });

  it('makes every value fit for a program, whatever it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'binary' })), (set) => {
        const values = Object.values(buildEnvironment({ source: {}, set }));
        expect(values.join('')).not.toContain('\0');
      }),
    );
    const [long] = Object.values(buildEnvironment({ source: {}, set: { A: 'x'.repeat(1_000_000) } }));
    expect(long?.length).toBeLessThan(128 * 1024);
  });
});

describe('buildAgentEnvironment', () => {
  it('says what is to be done; the kind and the configuration add to it', () => {
    const launch = { env: { KIND: 'x', GARLAND_ATTEMPT: '99' }, passEnv: ['KIND_KEY'] };
    const source = { KIND_KEY: 'k', NAMED: 'n', OTHER: 'o' };
    expect(buildAgentEnvironment(spec, launch, { names: ['NAMED'], source })).toEqual({
      KIND: 'x',
      KIND_KEY: 'k',
      NAMED: 'n',
      GARLAND_ISSUE_ID: 'bd-1',
      GARLAND_ISSUE_TITLE: 'Title',
      GARLAND_ATTEMPT: '2',
      GARLAND_RUN_ID: 'run',
      GARLAND_WORKSPACE: '/w',
      GARLAND_PROMPT_FILE: '/p',
      GARLAND_BASE_BRANCH: 'main',
    });
  });

  it('cuts a very long title, between characters', () => {
    const launch = { env: {}, passEnv: [] };
    const issueTitle = `a${'😀'.repeat(100_000)}`;
    const { GARLAND_ISSUE_TITLE: title = '' } = buildAgentEnvironment({ ...spec, issueTitle }, launch, { names: [] });
    expect(title).toMatch(/^a(😀)+…$/u);
    expect(title.length).toBeLessThanOrEqual(1_000);
  });
});
