import { hideAndCut } from '../secrets/hide-and-cut.js';
import type { ServerConnection } from './connection.js';

/**
 * One line for a person: which server, what is wrong, what to do. Knows the errors of both connections of the SDK, and of
 * Node's sockets. Never shows a key or a certificate.
 */
export function describeConnectFailure(
  server: Pick<ServerConnection, 'connectionOptions' | 'namespace' | 'embedded'>,
  error: unknown,
): string {
  const text = collectText(error);
  const known = KNOWN.find(({ pattern }) => pattern.test(text));
  const what = known?.what ?? hideAndCut(text.split('\n', 1).join(''), 200);
  const advice = server.embedded ? 'look at "garland server status"' : (known?.advice ?? MEND_ADDRESS);
  return `Temporal server ${server.connectionOptions.address}, namespace ${server.namespace}: ${what}; ${advice}`;
}

/** Messages and codes, of the causes too: the SDK wraps what gRPC says. */
function collectText(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : 'unknown error';
  const code = 'code' in error ? ` code=${String(error.code)}` : '';
  const cause = error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined);
  return `${error.message}${code}${cause === undefined ? '' : `\n${collectText(cause)}`}`;
}

const MEND_ADDRESS = 'see that it runs, and that TEMPORAL_ADDRESS is right';

/** The first that fits counts. */
const KNOWN: { pattern: RegExp; what: string; advice?: string }[] = [
  {
    pattern: /namespace .*not found|NamespaceNotFound/i,
    what: 'there is no such namespace',
    advice: 'make it with "temporal operator namespace create", or mend TEMPORAL_NAMESPACE',
  },
  {
    pattern: /code=(7|16)\b|UNAUTHENTICATED|PERMISSION_DENIED|unauthori[sz]ed|Unauthenticated|not have permission/i,
    what: 'it refuses the credentials',
    advice:
      'mend TEMPORAL_API_KEY or the client certificate (TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH)',
  },
  { pattern: /ECONNREFUSED|Connection ?refused/i, what: 'nothing listens there' },
  { pattern: /ENOTFOUND|EAI_AGAIN|dns error|Name resolution failed/i, what: 'the host name is not known' },
  {
    pattern: /EHOSTUNREACH|ENETUNREACH|No route to host|Network is unreachable/i,
    what: 'the network does not reach it',
  },
  {
    pattern: /PEM routines|PrivateKeyParse|no start line|key values mismatch|BAD_BASE64/i,
    what: 'a certificate or key of the TLS configuration cannot be read',
    advice: 'mend the TEMPORAL_TLS_ variables or the profile',
  },
  {
    pattern: /InvalidContentType|WRONG_VERSION_NUMBER|wrong version number|packet length too long|EPROTO/i,
    what: 'it does not speak TLS',
    advice: 'set TEMPORAL_TLS=false, or leave the API key and the TLS settings out',
  },
  {
    pattern: /wants TLS/,
    what: 'it wants TLS',
    advice: 'set TEMPORAL_TLS=true, and a client certificate if it asks for one',
  },
  {
    pattern: /SELF_SIGNED|UNABLE_TO_|CERT_|ALTNAME|InvalidCertificate|UnknownIssuer|certificate/i,
    what: 'its certificate is not trusted, or ours is refused',
    advice: 'set TEMPORAL_TLS_SERVER_CA_CERT_PATH and TEMPORAL_TLS_SERVER_NAME to fit it',
  },
  {
    pattern: /deadline|ETIMEDOUT|timed? ?out|Timeout/i,
    what: 'no answer in time',
  },
  {
    pattern: /EPIPE|ECONNRESET|BrokenPipe|broken pipe|connection closed|Canceled|UNAVAILABLE/i,
    what: 'what listens there does not answer as a Temporal server does',
  },
];
