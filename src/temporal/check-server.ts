import { connect as connectSocket, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { Connection } from '@temporalio/client';
import { UserError } from '../errors.js';
import { describeConnectFailure } from './connect-failure.js';
import type { ServerConnection } from './connection.js';

type Server = Pick<ServerConnection, 'connectionOptions' | 'namespace' | 'embedded'>;

/**
 * Whether a configured server can be used. gRPC alone waits ten seconds and then can't tell a wrong port from a wrong
 * certificate, so the socket is tried first.
 *
 * @throws UserError that says what is wrong: address, TLS, credentials, or the namespace
 */
export async function checkServer(server: Server): Promise<void> {
  try {
    if (!isProxied()) await trySocket(server);
    await callOrNoticeTls(server);
  } catch (error) {
    throw new UserError(describeConnectFailure(server, error));
  }
}

/** Then gRPC doesn't go to the address itself. */
function isProxied(): boolean {
  return ['grpc_proxy', 'https_proxy', 'http_proxy'].some((name) => Boolean(process.env[name]));
}

async function trySocket({ connectionOptions: { address, tls } }: Server): Promise<void> {
  const { host, port } = splitAddress(address);
  if (!tls) return ended(connectSocket({ host, port }), 'connect');
  const { serverNameOverride, serverRootCACertificate, clientCertPair } = tls === true ? {} : tls;
  const options = {
    ca: serverRootCACertificate && Buffer.from(serverRootCACertificate),
    cert: clientCertPair && Buffer.from(clientCertPair.crt),
    key: clientCertPair && Buffer.from(clientCertPair.key),
    // An IP address is no server name.
    ...(serverNameOverride || /[a-z]/i.test(host) ? { servername: serverNameOverride ?? host } : {}),
  };
  return ended(connectTls({ host, port, ALPNProtocols: ['h2'], ...options }), 'secureConnect');
}

/** A call without TLS to a server that wants it gets no answer at all, so after a second the server is asked for TLS. */
async function callOrNoticeTls(server: Server): Promise<void> {
  const end = new AbortController();
  const call = callServer(server);
  const notice = sleep(NOTICE_AFTER_MS, undefined, { signal: end.signal }).then(
    async () => {
      if (await wantsTls(server)) throw new Error('wants TLS');
      await call;
    },
    () => call,
  );
  await Promise.race([call, notice]).finally(() => end.abort());
}

async function wantsTls({ connectionOptions: { address, tls } }: Server): Promise<boolean> {
  if (tls || isProxied()) return false;
  try {
    const { host, port } = splitAddress(address);
    await ended(connectTls({ host, port, ALPNProtocols: ['h2'], rejectUnauthorized: false }), 'secureConnect');
    return true;
  } catch {
    return false;
  }
}

function ended(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    socket.once(event, resolve);
    socket.once('error', reject);
    socket.setTimeout(SOCKET_TIMEOUT_MS, () => reject(new Error('timed out')));
  }).finally(() => socket.on('error', () => undefined).destroy());
}

async function callServer({ connectionOptions, namespace }: Server): Promise<void> {
  const connection = Connection.lazy({ ...connectionOptions, connectTimeout: CALL_TIMEOUT_MS });
  try {
    await connection.ensureConnected();
    await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } finally {
    await connection.close();
  }
}

/** `host`, `host:port` or `[ipv6]:port`. */
function splitAddress(address: string): { host: string; port: number } {
  const [, ipv6, name, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(address) ?? [];
  return { host: ipv6 ?? name ?? address, port: Number(port ?? 7233) };
}

const SOCKET_TIMEOUT_MS = 10_000;
const NOTICE_AFTER_MS = 1_000;
const CALL_TIMEOUT_MS = 10_000;
