import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { ORDERS } from './schema.js';

/**
 * The input of the workflow `coordinator`: what one run is asked to do. Any Temporal client may send it. How the project
 * works (tracker, agent, gate, landing) is read from its WORKFLOW.md by the activities.
 */
export const runInputSchema = z
  .strictObject({
    project_dir: z.string().refine(isAbsolute, 'must be an absolute path').describe("The project's folder."),
    config_file: z
      .string()
      .refine(isAbsolute, 'must be an absolute path')
      .optional()
      .describe('Default: WORKFLOW.md in project_dir, which may be missing.'),
    max_agents: z.number().int().min(1).optional().describe('Default: no limit (bounded at 500).'),
    max_issues: z.number().int().min(0).optional().describe('Default: no limit. 0 runs nothing.'),
    epic: z.string().min(1).optional(),
    only: z.array(z.string().min(1)).default([]),
    order: z.enum(ORDERS).default('epic'),
    wip_first: z.boolean().default(false),
    orphans_only: z.boolean().default(false),
    types: z.array(z.string().min(1)).optional().describe('Overrides tracker.types.'),
    retry_failed: z.boolean().default(false).describe('Also take issues labelled needs-followup.'),
    agent_command: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('Overrides agent.kind and agent.command: a shell command.'),
    web_url: z.string().optional().describe("The Web UI's address, for events."),
  })
  .refine((input) => input.order !== 'input' || input.only.length > 0, {
    path: ['order'],
    message: "order 'input' needs 'only'",
  });

/** What a client sends. */
export type RunInput = z.input<typeof runInputSchema>;
/** The same with its defaults. */
export type CompleteRunInput = z.output<typeof runInputSchema>;
