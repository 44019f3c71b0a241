import { z } from 'zod';
import { created, invalid, noContent, notFound, ok, type Answer, type Call, type Route } from './routes.js';
import { showCommit, showRef } from './shapes.js';
import { addCommit } from './state.js';

const GIT = '/repos/:owner/:repo/git';
const newRef = z.object({ ref: z.string().regex(/^refs\/[^/]+\/.+/), sha: z.string() });
const movedRef = z.object({ sha: z.string(), force: z.boolean().default(false) });
const newCommit = z.object({
  message: z.string(),
  tree: z.string(),
  parents: z.array(z.string()).default([]),
});

export const gitRoutes: Route[] = [
  { route: `GET ${GIT}/matching-refs/*ref`, handle: listRefs },
  { route: `GET ${GIT}/ref/*ref`, handle: readRef },
  { route: `POST ${GIT}/refs`, handle: createRef },
  { route: `PATCH ${GIT}/refs/*ref`, handle: moveRef },
  { route: `DELETE ${GIT}/refs/*ref`, handle: deleteRef },
  { route: `POST ${GIT}/commits`, handle: createCommit },
  { route: `GET ${GIT}/commits/:sha`, handle: readCommit },
  { route: 'GET /repos/:owner/:repo/branches/:branch', handle: readBranch },
];

function listRefs(call: Call): Answer {
  const prefix = `refs/${call.params['ref']}`;
  const found = [...call.repository.refs].filter(([ref]) => ref.startsWith(prefix));
  const sorted = found.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
  // The one list that isn't cut into pages.
  return { ...ok(sorted.map(([ref, sha]) => showRef(call, ref, sha))), headers: { 'x-whole': 'true' } };
}

function readRef(call: Call): Answer {
  const ref = `refs/${call.params['ref']}`;
  const sha = call.repository.refs.get(ref);
  return sha === undefined ? notFound() : ok(showRef(call, ref, sha));
}

/** Made only if there is none of the name. */
function createRef(call: Call): Answer {
  const { data } = newRef.safeParse(call.body);
  if (!data) return invalid("Reference name must start with 'refs' and have at least two slashes.");
  if (!call.repository.objects.has(data.sha)) return invalid('Object does not exist');
  if (call.repository.refs.has(data.ref)) return invalid('Reference already exists');
  call.repository.refs.set(data.ref, data.sha);
  return created(showRef(call, data.ref, data.sha));
}

function moveRef(call: Call): Answer {
  const ref = `refs/${call.params['ref']}`;
  const { data } = movedRef.safeParse(call.body);
  const { refs, objects } = call.repository;
  const old = refs.get(ref);
  if (!data || old === undefined) return invalid('Reference does not exist');
  if (!objects.has(data.sha)) return invalid('Object does not exist');
  if (!data.force && !isAncestor(call, old, data.sha)) return invalid('Update is not a fast forward');
  refs.set(ref, data.sha);
  return ok(showRef(call, ref, data.sha));
}

function isAncestor({ repository }: Call, ancestor: string, sha: string): boolean {
  const queue = [sha];
  for (const each of queue) {
    if (each === ancestor) return true;
    queue.push(...(repository.objects.get(each)?.parents ?? []));
  }
  return false;
}

function deleteRef(call: Call): Answer {
  return call.repository.refs.delete(`refs/${call.params['ref']}`) ? noContent() : invalid('Reference does not exist');
}

function createCommit(call: Call): Answer {
  const { data } = newCommit.safeParse(call.body);
  if (!data) return invalid('Validation Failed');
  const isTree = [...call.repository.objects.values()].some(({ tree }) => tree === data.tree);
  if (!isTree) return invalid('Tree SHA does not exist');
  return created(showCommit(call, addCommit(call.repository, data)));
}

function readCommit(call: Call): Answer {
  const commit = call.repository.objects.get(call.params['sha'] ?? '');
  return commit ? ok(showCommit(call, commit)) : notFound();
}

function readBranch(call: Call): Answer {
  const name = call.params['branch'] ?? '';
  const sha = call.repository.refs.get(`refs/heads/${name}`);
  const commit = sha === undefined ? undefined : call.repository.objects.get(sha);
  if (!commit) return notFound();
  const { sha: id, node_id, url, html_url, parents, ...rest } = showCommit(call, commit);
  const { author, committer, message, tree, verification } = rest;
  const inner = { url, author, committer, message, tree, comment_count: 0, verification };
  return ok({
    name,
    commit: {
      sha: id,
      node_id,
      url,
      html_url,
      comments_url: `${url}/comments`,
      author: null,
      committer: null,
      parents,
      commit: inner,
    },
    _links: { html: html_url, self: url },
    protected: false,
    protection: {},
    protection_url: `${url}/protection`,
  });
}
