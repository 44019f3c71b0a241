import { isKeptSecret } from './hide-secrets.js';

/** With these, whatever garland starts could steer its own coordinator: nothing gets them, not even by name. */
export const isForGarlandAlone = (name: string): boolean => name.startsWith('TEMPORAL_');

/** A token of the tracker, or for pull requests. */
const isToken = (name: string, value: string): boolean =>
  name === 'GITHUB_TOKEN' || name === 'GH_TOKEN' || isKeptSecret(value);

/** An environment for programs that are the user's own, and may be made to start others: git, bd, br. */
export const withoutOwn = (env: NodeJS.ProcessEnv): Record<string, string> =>
  keep(env, (name) => !isForGarlandAlone(name));

/** The same for what talks to no server. */
export const withoutTokens = (env: Record<string, string>): Record<string, string> =>
  keep(env, (name, value) => !isToken(name, value));

function keep(env: NodeJS.ProcessEnv, isKept: (name: string, value: string) => boolean): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && isKept(name, value) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(kept);
}
