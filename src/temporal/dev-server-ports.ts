import { connect, createServer } from 'node:net';
import { UserError } from '../errors.js';
import { describePortHolder } from './port-holder.js';

export interface ServerPorts {
  port: number;
  uiPort: number;
}

/**
 * Ports to start the server on: the one that GARLAND_SERVER_PORT asks for, else the last ones, so that workers find it
 * again after a crash, else Temporal's usual 7233 and 8233, else the next free ones. Who listens there already isn't ours: it may be
 * another user's server, and is left alone.
 *
 * @throws UserError when the port asked for is no port or is taken
 */
export async function chooseServerPorts(
  wanted: string | undefined,
  last: ServerPorts | undefined,
): Promise<ServerPorts> {
  const fixed = await readFixedPort(wanted);
  const port = fixed ?? (await firstFree([last?.port, ...upwardsFrom(7233)]));
  const uiPort = await firstFree([last?.uiPort, ...upwardsFrom(port <= 64_000 ? port + 1_000 : 8233)], port);
  return { port, uiPort };
}

async function readFixedPort(wanted: string | undefined): Promise<number | undefined> {
  if (wanted === undefined || wanted === '') return undefined;
  const port = Number(wanted);
  if (!/^\d+$/.test(wanted) || port < 1 || port > 65_535) {
    throw new UserError(`GARLAND_SERVER_PORT: ${wanted} is no port; give a number from 1 to 65535, or unset it`);
  }
  if (await isFree(port)) return port;
  const holder = await describePortHolder(port);
  throw new UserError(
    `GARLAND_SERVER_PORT: port ${port} is taken by ${holder}; end that, or choose another port, or unset the variable to get a free one`,
  );
}

/** Rather than one that the system picks: while the server is down, any outgoing connection may get that again. */
function upwardsFrom(port: number): number[] {
  return Array.from({ length: 100 }, (_, index) => port + index);
}

async function firstFree(candidates: (number | undefined)[], not?: number): Promise<number> {
  for (const port of candidates) {
    if (port !== undefined && port !== not && (await isFree(port))) return port;
  }
  const port = await listenOnce(0);
  return port === undefined || port === not ? firstFree([], not) : port;
}

/** Asked by connecting too: on macOS one can listen on 127.0.0.1 beside a server that listens on all addresses. */
export async function isFree(port: number): Promise<boolean> {
  return !(await isListening(port)) && (await listenOnce(port)) !== undefined;
}

/** A server that is stopped in its tracks still counts: the system accepts for it. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.setTimeout(2_000, () => end(true));
  });
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      const chosen = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(chosen));
    });
  });
}
