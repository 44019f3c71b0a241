import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { ORDERS } from './schema.js';

const absolutePath = z.string().refine(isAbsolute).meta({ allowed: 'an absolute path' });

/**
 * The input of the workflow `coordinator`: what one run is asked to do. Any Temporal client may send it. How the project
 * works (tracker, agent, gate, landing) is read from its WORKFLOW.md by the activities.
 */
export const runInputSchema = z
  .strictObject({
    project_dir: absolutePath.describe("The project's folder."),
    config_file: absolutePath.optional().describe('Default: WORKFLOW.md in project_dir, which may be missing.'),
    max_agents: z.number().int().min(1).optional().describe('Default: no limit (bounded at 500).'),
    follows_file: z
      .boolean()
      .optional()
      .describe('Edits of agent.max_concurrent_agents in WORKFLOW.md apply to this run, instead of max_agents.'),
    max_issues: z.number().int().min(0).optional().describe('Default: no limit. 0 runs nothing.'),
    epic: z.string().min(1).optional().describe('Only descendants of this epic.'),
    only: z.array(z.string().min(1)).default([]).describe('Only these issues. Empty: no restriction.'),
    order: z.enum(ORDERS).default('epic').describe('In which order ready issues are started.'),
    wip_first: z.boolean().default(false).describe("Also take issues in progress that are nobody else's, and first."),
    orphans_only: z.boolean().default(false).describe('Only issues without a parent epic.'),
    types: z.array(z.string().min(1)).optional().describe('Overrides tracker.types.'),
    retry_failed: z.boolean().default(false).describe('Also take issues labelled needs-followup.'),
    agent_command: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('Overrides agent.kind and agent.command: a shell command.'),
    watch: z.boolean().default(false).describe('Stay open when nothing is ready, and go on polling.'),
    history_limit: z
      .number()
      .int()
      .min(100)
      .optional()
      .describe('Continue as new after so many events. Default: when the server suggests it.'),
    web_url: z.string().optional().describe("The Web UI's address, for events."),
  })
  .refine((input) => input.order !== 'input' || input.only.length > 0, {
    path: ['order'],
    // What is allowed, as every message of a refinement here.
    message: 'another order, or ids in only',
  });

/** What a client sends. */
export type RunInput = z.input<typeof runInputSchema>;
/** The same with its defaults. */
export type CompleteRunInput = z.output<typeof runInputSchema>;
