import { existsSync } from 'node:fs';
import { loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import { UserError } from '../errors.js';
import { keepSecret } from '../secrets/hide-secrets.js';
import type { ServerConnection } from './connection.js';

/**
 * What the standard Temporal client configuration says: TEMPORAL_ADDRESS and the other variables, and the TOML file with its
 * profiles. Undefined when it names no server. TEMPORAL_CLI_PATH is no configuration of a client.
 *
 * @throws UserError when it can't be read, or names everything but a server
 */
export function loadConfiguredServer(
  env: NodeJS.ProcessEnv,
): Pick<ServerConnection, 'connectionOptions' | 'namespace'> | undefined {
  const variables = dropEmpty(env);
  const file = variables.TEMPORAL_CONFIG_FILE;
  // The SDK takes a file that isn't there for an empty one, also when it was asked for by name.
  if (file !== undefined && !existsSync(file)) {
    throw new UserError(`TEMPORAL_CONFIG_FILE: ${file} does not exist; mend the path, or unset the variable`);
  }
  const { options, namespace } = load(variables);
  const chosen = variables.TEMPORAL_PROFILE ?? file;
  if (options.address === undefined && chosen === undefined) {
    refuseStray(variables);
    return undefined;
  }
  return {
    connectionOptions: { ...options, address: options.address ?? DEFAULT_ADDRESS },
    namespace: namespace ?? 'default',
  };
}

type Options = ServerConnection['connectionOptions'];

/** An empty variable counts as unset, save for TEMPORAL_GRPC_META_*, where it takes a header away. */
function dropEmpty(env: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (entry[1] !== '' || entry[0].startsWith('TEMPORAL_GRPC_META_')),
  );
  return Object.fromEntries(entries);
}

function load(
  variables: Record<string, string>,
  disableFile = false,
): { options: Partial<Options>; namespace: string | undefined } {
  try {
    const profile = loadClientConfigProfile({ overrideEnvVars: variables, disableFile });
    const { tls } = toClientOptions(profile).connectionOptions;
    const { address, apiKey, grpcMeta: metadata } = profile;
    if (apiKey !== undefined) keepSecret(apiKey);
    return { options: definedOnly({ address, apiKey, metadata, tls: tls ?? undefined }), namespace: profile.namespace };
  } catch (error) {
    // The SDK stumbles over a file without any profile. Nobody asked for the one in the usual place.
    if (error instanceof TypeError && !variables.TEMPORAL_CONFIG_FILE) return load(variables, true);
    // The first line only: the rest of a TOML error quotes the file, where an API key may stand.
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new UserError(
      `the Temporal client configuration can't be used: ${reason}; look at the TEMPORAL_ variables and the file that ` +
        '"temporal config list" reads',
    );
  }
}

/** An API key or a namespace without an address: someone means another server than the dev server. */
function refuseStray(variables: Record<string, string>): void {
  const stray = Object.keys(variables).find((name) => /^TEMPORAL_(NAMESPACE|API_KEY|TLS|GRPC_META_)/.test(name));
  if (stray === undefined || (stray === 'TEMPORAL_NAMESPACE' && variables[stray] === 'default')) return;
  throw new UserError(
    `${stray} is set, but no server: set TEMPORAL_ADDRESS too, or unset ${stray} to use garland's own dev server`,
  );
}

function definedOnly(options: Partial<Options>): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** What Temporal's own tools take when a profile names no address. */
const DEFAULT_ADDRESS = 'localhost:7233';
