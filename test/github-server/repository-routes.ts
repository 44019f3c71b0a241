import { ok, type Call, type Route } from './routes.js';
import { showUser } from './shapes.js';

export const repositoryRoutes: Route[] = [
  { route: 'GET /user', handle: ({ login, baseUrl }) => ok(showMe(login, baseUrl)) },
  { route: 'GET /repos/:owner/:repo', handle: (call) => ok(showRepository(call)) },
];

function showMe(login: string, baseUrl: string) {
  const at = '2026-01-01T00:00:00Z';
  const nothing = { name: null, company: null, blog: null, location: null, email: null, hireable: null, bio: null };
  const counts = { public_repos: 1, public_gists: 0, followers: 0, following: 0 };
  return { ...showUser(login, baseUrl), ...nothing, ...counts, created_at: at, updated_at: at };
}

/** The part of a repository that programs look at. */
function showRepository({ repository, login, baseUrl }: Call) {
  const { owner, name, defaultBranch, hasIssues, access } = repository;
  const writes = access.get(login) === 'write';
  return {
    id: 1,
    node_id: 'R_1',
    name,
    full_name: `${owner}/${name}`,
    owner: showUser(owner, baseUrl),
    private: true,
    html_url: `https://github.test/${owner}/${name}`,
    description: null,
    fork: false,
    url: `${baseUrl}/repos/${owner}/${name}`,
    default_branch: defaultBranch,
    has_issues: hasIssues,
    archived: false,
    disabled: false,
    permissions: { admin: false, maintain: false, push: writes, triage: writes, pull: true },
  };
}
