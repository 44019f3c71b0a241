/** A text from a program or a server as it may be told: the user and the password in an address are left out. */
export function hideSecrets(text: string): string {
  return text.replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]+@/gi, '$1');
}
