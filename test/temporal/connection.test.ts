import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UserError } from '../../src/errors.js';
import { findTemporalCli } from '../../src/temporal/binary.js';
import { describeConnectFailure, resolveConnection } from '../../src/temporal/connection.js';
import { loadConfiguredServer } from '../../src/temporal/configured-server.js';
import { isolateUser, portOf } from './isolated-user.js';

const user = isolateUser();
const resolve = (env: NodeJS.ProcessEnv, start = false) =>
  resolveConnection({ env, start, onProgress: user.onProgress });

async function complaintOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('expected a UserError');
}

describe('what counts as configured', () => {
  const load = (env: NodeJS.ProcessEnv = {}) => loadConfiguredServer({ XDG_CONFIG_HOME: user.folder, ...env });

  async function writeConfig(text: string, file = 'temporalio/temporal.toml'): Promise<string> {
    const whole = path.join(user.folder, file);
    await mkdir(path.dirname(whole), { recursive: true });
    await writeFile(whole, text);
    return whole;
  }

  test('nothing, a program, empty variables, or the default namespace do not', () => {
    expect(load()).toBeUndefined();
    expect(load({ TEMPORAL_CLI_PATH: '/bin/temporal' })).toBeUndefined();
    expect(load({ TEMPORAL_ADDRESS: '', TEMPORAL_PROFILE: '', TEMPORAL_CONFIG_FILE: '' })).toBeUndefined();
    expect(load({ TEMPORAL_NAMESPACE: 'default' })).toBeUndefined();
  });

  test('an address does, with everything that stands beside it', () => {
    expect(load({ TEMPORAL_ADDRESS: 'a:1' })).toEqual({ connectionOptions: { address: 'a:1' }, namespace: 'default' });
    const env = {
      TEMPORAL_ADDRESS: 'a:1',
      TEMPORAL_NAMESPACE: 'n',
      TEMPORAL_API_KEY: 'k',
      TEMPORAL_GRPC_META_FOO: 'x',
    };
    expect(load(env)).toEqual({
      connectionOptions: { address: 'a:1', apiKey: 'k', tls: true, metadata: { foo: 'x' } },
      namespace: 'n',
    });
  });

  test('the usual file does when its default profile names an address', async () => {
    await writeConfig('[profile.default]\nnamespace = "n"\n');
    expect(load()).toBeUndefined();
    await writeConfig('[profile.default]\naddress = "b:2"\nnamespace = "n"\n');
    expect(load()).toEqual({ connectionOptions: { address: 'b:2' }, namespace: 'n' });
    expect(load({ TEMPORAL_ADDRESS: 'a:1' })?.connectionOptions.address).toBe('a:1');
  });

  test('an empty file in the usual place is none', async () => {
    await writeConfig('');
    expect(load()).toBeUndefined();
    expect(load({ TEMPORAL_ADDRESS: 'a:1' })?.connectionOptions.address).toBe('a:1');
  });

  test('a profile or file that is asked for does, at the usual address if it names none', async () => {
    const file = await writeConfig('[profile.default]\naddress = "b:2"\n[profile.local]\nnamespace = "n"\n', 'my.toml');
    expect(load({ TEMPORAL_CONFIG_FILE: file })?.connectionOptions.address).toBe('b:2');
    expect(load({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'local' })).toEqual({
      connectionOptions: { address: 'localhost:7233' },
      namespace: 'n',
    });
  });

  test.each([
    [
      'a file that is not there',
      { TEMPORAL_CONFIG_FILE: '/no/such.toml' },
      'TEMPORAL_CONFIG_FILE: /no/such.toml does not',
    ],
    ['an unknown profile', { TEMPORAL_PROFILE: 'prod' }, "Profile 'prod' not found"],
    ['an API key alone', { TEMPORAL_API_KEY: 'secret-key' }, 'TEMPORAL_API_KEY is set, but no server'],
    ['a namespace alone', { TEMPORAL_NAMESPACE: 'mine' }, 'TEMPORAL_NAMESPACE is set, but no server'],
    ['a missing certificate', { TEMPORAL_ADDRESS: 'a:1', TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/no.pem' }, '/no.pem'],
  ])('%s is an error', async (_what, env, expected) => {
    const complaint = await complaintOf(() => load(env));
    expect(complaint).toContain(expected);
    expect(complaint).not.toContain('secret-key');
    expect(complaint).not.toContain('\n');
  });

  test('a broken file is an error that does not quote it', async () => {
    const file = await writeConfig('[profile.default]\napi_key = "secret-key" oops\n', 'my.toml');
    const complaint = await complaintOf(() => load({ TEMPORAL_CONFIG_FILE: file }));
    expect(complaint).toContain('Invalid TOML');
    expect(complaint).not.toContain('secret-key');
  });
});

describe('a configured server that cannot be used', () => {
  const servers: Server[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done)))));

  async function listen(server: Server): Promise<string> {
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `127.0.0.1:${portOf(server)}`;
  }

  async function listenWithTls(): Promise<string> {
    const [key, cert] = ['key', 'cert'].map((name) => path.join(user.folder, name));
    const options = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
    await execa('openssl', ['req', '-x509', ...options, '-keyout', `${key}`, '-out', `${cert}`]);
    const { readFileSync } = await import('node:fs');
    const server = createTlsServer({
      key: readFileSync(`${key}`),
      cert: readFileSync(`${cert}`),
      ALPNProtocols: ['h2'],
    });
    server.on('tlsClientError', () => undefined);
    return listen(server);
  }

  test('nothing listens there', async () => {
    const address = await listen(createServer());
    await new Promise((done) => servers.pop()?.close(done));
    expect(await complaintOf(() => resolve({ TEMPORAL_ADDRESS: address }))).toBe(
      `Temporal server ${address}, namespace default: nothing listens there; see that it runs, and that TEMPORAL_ADDRESS is right`,
    );
  });

  test('the host is not known', async () => {
    const complaint = await complaintOf(() => resolve({ TEMPORAL_ADDRESS: 'nowhere.invalid:7233' }));
    expect(complaint).toContain('the host name is not known');
  });

  test('the address is none', async () => {
    expect(await complaintOf(() => resolve({ TEMPORAL_ADDRESS: 'a b:c:d' }))).toContain('TEMPORAL_ADDRESS');
  });

  test('its certificate is not trusted; the key is not shown', async () => {
    const address = await listenWithTls();
    const complaint = await complaintOf(() => resolve({ TEMPORAL_ADDRESS: address, TEMPORAL_API_KEY: 'secret-key' }));
    expect(complaint).toMatch(/its certificate is not trusted.*TEMPORAL_TLS_SERVER_CA_CERT_PATH/);
    expect(complaint).not.toContain('secret-key');
  });

  test('it wants TLS', async () => {
    const address = await listenWithTls();
    expect(await complaintOf(() => resolve({ TEMPORAL_ADDRESS: address }))).toMatch(
      /it wants TLS; set TEMPORAL_TLS=true/,
    );
  });

  test('it does not speak TLS', async () => {
    const address = await listen(
      createServer((socket) =>
        socket
          .on('error', () => undefined)
          .resume()
          .end('HTTP/1.1 400\r\n\r\n'),
      ),
    );
    const complaint = await complaintOf(() => resolve({ TEMPORAL_ADDRESS: address, TEMPORAL_TLS: 'true' }));
    expect(complaint).toMatch(/it does not speak TLS; set TEMPORAL_TLS=false/);
  });
});

describe('with a real server', () => {
  beforeEach(async () => {
    vi.stubEnv('TEMPORAL_CLI_PATH', await findTemporalCli());
  }, 15 * 60_000);

  test('nothing configured: the dev server, started only when allowed', async () => {
    expect(await complaintOf(() => resolve(process.env))).toContain('garland run');
    const started = await resolve(process.env, true);
    expect(started).toMatchObject({ embedded: true, namespace: 'default', webUrl: expect.stringMatching(/^http:/) });
    expect(await resolve(process.env)).toEqual(started);
  });

  test('configured: its own Web UI is known only when told; a missing namespace is an error', async () => {
    const { connectionOptions } = await resolve(process.env, true);
    const env = { TEMPORAL_ADDRESS: connectionOptions.address };
    expect(await resolve(env)).toEqual({
      embedded: false,
      connectionOptions: { address: connectionOptions.address },
      namespace: 'default',
      webUrl: null,
    });
    expect((await resolve({ ...env, GARLAND_WEB_URL: 'http://ui' })).webUrl).toBe('http://ui');
    expect(await complaintOf(() => resolve({ ...env, TEMPORAL_NAMESPACE: 'other' }))).toMatch(
      /namespace other: there is no such namespace.*operator namespace create/,
    );
  });
});

test.each([
  [Object.assign(new Error('Request unauthorized.'), { code: 7 }), 'refuses the credentials'],
  [new Error('Failed to connect', { cause: Object.assign(new Error('no'), { code: 16 }) }), 'refuses the credentials'],
  [new Error('ConnectError("tcp connect error", Os { code: 111, kind: ConnectionRefused })'), 'nothing listens there'],
  [new Error('InvalidCertificate(UnknownIssuer)'), 'certificate is not trusted'],
  [new Error('PrivateKeyParseError'), 'cannot be read'],
  [new Error('Failed to connect before the deadline'), 'no answer in time'],
  [new Error('something new\nwith a second line'), 'something new;'],
  ['text', 'text;'],
])('%s', (error, expected) => {
  const server = { embedded: false, connectionOptions: { address: 'a:1', apiKey: 'secret-key' }, namespace: 'n' };
  const line = describeConnectFailure(server, error);
  expect(line).toContain(expected);
  expect(line).not.toMatch(/secret-key|\n/);
});
