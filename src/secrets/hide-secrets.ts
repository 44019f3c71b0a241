/**
 * A text from a program or a server as it may be told: without the user and the password in an address, without what variables of
 * garland's own environment hold that are secrets by their name, and without what it was told to keep. To be done before a text is
 * cut: of a secret that stands where it is cut, a part would be left.
 */
export function hideSecrets(text: string, env: NodeJS.ProcessEnv = process.env): string {
  const hidden = text.replaceAll(/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@'"]+@/gi, '$1');
  return listSecrets(env).reduce((shown, secret) => shown.replaceAll(secret, '***'), hidden);
}

/** Hidden from now on, in this process: what was read as a token, whatever the variable is called that holds it. */
export function keepSecret(secret: string): void {
  kept.add(secret.trim());
}

export const isKeptSecret = (value: string): boolean => kept.has(value.trim());

/** Of all projects that this process works for. */
const kept = new Set<string>();

const SECRET_NAME = /(TOKEN|SECRET|PASSWORD|PASSPHRASE|API_?KEY|ACCESS_KEY|PRIVATE_KEY)$/i;
/** What is shorter is a word that may stand anywhere. */
const SHORTEST = 12;

/** Longest first: one may be part of another. */
function listSecrets(env: NodeJS.ProcessEnv): string[] {
  const values = Object.entries(env).map(([name, value = '']) => (SECRET_NAME.test(name) ? value.trim() : ''));
  return [...values, ...kept].filter((value) => value.length >= SHORTEST).toSorted((a, b) => b.length - a.length);
}
