import type { TLSConfig } from '@temporalio/client';
import { UserError } from '../errors.js';
import { checkServer } from './check-server.js';
import { loadConfiguredServer } from './configured-server.js';
import { devServerStatus, ensureDevServer } from './dev-server.js';
import type { OnProgress } from './progress.js';

export { describeConnectFailure } from './connect-failure.js';

export interface ServerConnection {
  /** Whether it is garland's own dev server. */
  embedded: boolean;
  /** Holds the API key and certificates: not for printing. Fits `Connection.connect` and `NativeConnection.connect`. */
  connectionOptions: {
    address: string;
    tls?: TLSConfig | boolean;
    apiKey?: string;
    metadata?: Record<string, string>;
    /** For `Connection` alone. */
    channelArgs?: Record<string, number>;
  };
  namespace: string;
  /** Where the Web UI is. For a configured server only what GARLAND_WEB_URL says. */
  webUrl: string | null;
}

export interface ResolveConnectionOptions {
  env: NodeJS.ProcessEnv;
  onProgress?: OnProgress;
  /** Whether the dev server may be started. */
  start: boolean;
}

/**
 * The server that the standard Temporal client configuration names (environment, TOML profiles), else this user's dev server.
 * It has answered when this returns, and its namespace is there.
 *
 * @throws UserError when the configuration is wrong, the server can't be used, or the dev server doesn't run and may not or can't be started
 */
export async function resolveConnection({
  env,
  onProgress,
  start,
}: ResolveConnectionOptions): Promise<ServerConnection> {
  const configured = loadConfiguredServer(env);
  if (configured !== undefined) {
    const server = { ...configured, embedded: false, webUrl: env.GARLAND_WEB_URL || null };
    await checkServer(server);
    return server;
  }
  const { address, webUrl } = start ? await ensureDevServer({ onProgress }) : await requireDevServer();
  return {
    embedded: true,
    // An http_proxy that is set for the rest of the world can't reach this machine's loopback.
    connectionOptions: { address, channelArgs: { 'grpc.enable_http_proxy': 0 } },
    namespace: 'default',
    webUrl,
  };
}

async function requireDevServer(): Promise<{ address: string; webUrl: string }> {
  const status = await devServerStatus();
  if (status.kind === 'running') return status;
  throw new UserError(
    'no Temporal server runs: start garland\'s with "garland server start" or "garland run", or set TEMPORAL_ADDRESS',
  );
}
