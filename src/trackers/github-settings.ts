import { z } from 'zod';
import { UserError } from '../errors.js';
import { isRepositoryName } from '../github/repository-name.js';

const label = z.string().trim().min(1);

/** `tracker.provider` of the tracker `github`, with its defaults. */
const providerSchema = z.strictObject({
  /** Default: where the git remote `origin` leads. */
  repository: z.string().refine(isRepositoryName, 'allowed: owner/name').optional(),
  /** Which issues are epics: those with sub-issues, or only those of type or label epic; or the milestones. */
  epics: z.enum(['parents', 'labels', 'milestones']).default('parents'),
  /** Open issues with the label are in the state; of several the first one counts. */
  states: z
    .record(z.string().min(1), label)
    .default({})
    .transform((states) => ({ blocked: 'blocked', deferred: 'deferred', in_progress: 'in-progress', ...states })),
  /** Labels that are priorities, besides `priority: N`, `P0` and the like. */
  priorities: z.record(label, z.number()).default({}),
});

export type GitHubSettings = z.output<typeof providerSchema>;

/** @throws UserError that names what is wrong */
export function readGitHubSettings(provider: unknown): GitHubSettings {
  const { data, error } = providerSchema.safeParse(provider ?? {});
  if (data) return data;
  const { path, message } = error.issues[0]!;
  throw new UserError(`${['tracker', 'provider', ...path].join('.')}: ${message}`);
}
