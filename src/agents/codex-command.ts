/**
 * `codex.command` as a shell line to which arguments of `codex exec` can be added. Symphony's files name the app server, with
 * options before or after it (`codex --model x app-server`, `$CODEX app-server`): garland runs the same program with the same
 * options, but one process for each turn.
 */
export function codexExec(command: string): string {
  const words = /(^|\s)app-server(?=\s|$)/;
  return words.test(command) ? command.replace(words, '$1exec') : `${command} exec`;
}
