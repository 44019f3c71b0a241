import { readVariable } from '../config/environment.js';
import { UserError } from '../errors.js';
import { keepSecret } from '../secrets/hide-secrets.js';

const USUAL = ['GITHUB_TOKEN', 'GH_TOKEN'];

/**
 * The token, from the variable that `tracker.api_key: $NAME` names, else from GITHUB_TOKEN, else from GH_TOKEN. It is in no
 * configuration, and no error shows it: nor one in which GitHub repeats it.
 *
 * @throws UserError when there is none
 */
export function readGitHubToken(apiKey: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const name = apiKey === undefined ? undefined : readVariable(apiKey);
  const found = findToken(apiKey, env);
  if (apiKey !== undefined && name === undefined) {
    throw new UserError(
      "tracker.api_key: found a value (it isn't shown), allowed: $NAME, the name of an environment variable that holds the token",
    );
  }
  if (found !== undefined) {
    keepSecret(found);
    return found;
  }
  const missing =
    name === undefined ? `neither ${USUAL.join(' nor ')} is set` : `tracker.api_key: $${name} isn't set, or is empty`;
  throw new UserError(
    `GitHub: ${missing}; set it to a token that may read and write the repository's issues and contents`,
  );
}

export const hasGitHubToken = (apiKey: string | undefined, env: NodeJS.ProcessEnv = process.env): boolean =>
  findToken(apiKey, env) !== undefined;

function findToken(apiKey: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const name = apiKey === undefined ? undefined : readVariable(apiKey);
  const names = apiKey === undefined ? USUAL : name === undefined ? [] : [name];
  return names.map((each) => env[each]?.trim()).find((token) => token !== undefined && token !== '');
}
