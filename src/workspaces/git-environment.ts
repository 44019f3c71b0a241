import { withoutOwn } from '../secrets/variables.js';

/**
 * The environment of garland's git processes. Variables of git's own would point it at another repository, index or
 * editor (they are set when garland runs inside a hook); only those stay that say who the user is, where their
 * configuration lies, and how remotes are reached. What is garland's alone goes, too: git starts programs that the
 * repository's configuration names, and agents can write there.
 */
export function gitEnvironment(parent: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(withoutOwn(parent)).filter(([name]) => !name.startsWith('GIT_') || KEPT.test(name));
  return {
    ...Object.fromEntries(kept),
    // Messages are read by people and, for a few of them, by garland.
    LC_ALL: 'C',
    LANGUAGE: '',
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: 'true',
    GIT_SEQUENCE_EDITOR: 'true',
    GIT_PAGER: 'cat',
    GIT_ADVICE: '0',
    // Looking at a folder must not rewrite its index.
    GIT_OPTIONAL_LOCKS: '0',
  };
}

const KEPT =
  /^GIT_((AUTHOR|COMMITTER)_(NAME|EMAIL)|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|EXEC_PATH|SSH(_COMMAND|_VARIANT)?|ASKPASS|SSL_\w+|PROXY_\w+)$/;

/**
 * What has to be set so that commits can be made: nothing when the user is known to git, else garland's own identity.
 * `configured` is the output of `git config --get-regexp` for names and addresses.
 */
export function missingIdentity(parent: NodeJS.ProcessEnv, configured: string): Record<string, string> {
  const keys = new Set(configured.split('\n').map((line) => line.split(' ')[0]?.toLowerCase()));
  const missing: Record<string, string> = {};
  for (const role of ['author', 'committer']) {
    for (const [part, own] of Object.entries(OWN_IDENTITY)) {
      const variable = `GIT_${role}_${part}`.toUpperCase();
      if (!parent[variable] && !keys.has(`user.${part}`) && !keys.has(`${role}.${part}`)) missing[variable] = own;
    }
  }
  return missing;
}

const OWN_IDENTITY = { name: 'garland', email: 'garland@localhost' };
