import { execa } from 'execa';
import { gitEnvironment } from '../workspaces/git-environment.js';
import { UserError } from '../errors.js';

const NAME = /^[\w.-]+\/[\w.-]+$/;

/** `owner/name` in two. */
export function ownerAndRepo(repository: string): { owner: string; repo: string } {
  const [owner = '', repo = ''] = repository.split('/');
  return { owner, repo };
}

export const isRepositoryName = (text: string): boolean => NAME.test(text);

/** The repository that the remote `origin` leads to. Undefined when there is none, or when it can't be one on a server like GitHub. */
export async function findOrigin(projectDir: string): Promise<RemoteRepository | undefined> {
  const { stdout, exitCode } = await execa('git', ['-C', projectDir, 'remote', 'get-url', 'origin'], {
    env: gitEnvironment(process.env),
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
  return exitCode === 0 ? parseRemote(stdout.trim()) : undefined;
}

export interface RemoteRepository {
  host: string;
  /** `owner/name` */
  repository: string;
}

/** `https://host/owner/name.git`, `ssh://git@host:22/owner/name`, `git@host:owner/name.git`. */
export function parseRemote(url: string): RemoteRepository | undefined {
  const found =
    /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+?)(?:\.git)?\/?$/.exec(url) ??
    /^(?:[^@/\s]+@)?([^/:\s]+):(?!\/)(.+?)(?:\.git)?\/?$/.exec(url);
  const [, host, repository] = found ?? [];
  return host !== undefined && repository !== undefined && NAME.test(repository)
    ? { host: host.toLowerCase(), repository }
    : undefined;
}

/** Nobody's token goes to a server that wasn't named. */
export const isOnGitHub = ({ host }: RemoteRepository): boolean => /^(?:www\.|ssh\.)?github\.com$/.test(host);

/**
 * The configured repository, else the one of `origin`, if that is on github.com or an endpoint is configured.
 *
 * @throws UserError when there is neither
 */
export async function findRepositoryName(
  projectDir: string,
  configured: string | undefined,
  endpoint: string | undefined,
): Promise<string> {
  if (configured !== undefined) return configured;
  const origin = await findOrigin(projectDir);
  if (origin && (endpoint !== undefined || isOnGitHub(origin))) return origin.repository;
  const found = origin ? `is on ${origin.host}, and tracker.endpoint isn't set` : 'names no repository on GitHub';
  throw new UserError(
    `${projectDir}: the git remote origin ${found}; set repository: owner/name below tracker.provider in WORKFLOW.md, and for GitHub Enterprise tracker.endpoint`,
  );
}
