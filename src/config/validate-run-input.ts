import { UserError } from '../errors.js';
import { formatProblem, joinProblems, listProblems } from './problems.js';
import { type CompleteRunInput, runInputSchema } from './run-input.js';

/**
 * What a client sent as the workflow's input, checked and with its defaults. A UserError has a line for each problem:
 * `run input: max_agents: found "x", allowed: a whole number from 1`.
 */
export function parseRunInput(value: unknown): CompleteRunInput {
  const parsed = runInputSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = listProblems(runInputSchema, value, parsed.error);
  throw new UserError(joinProblems(problems.map((problem) => `run input: ${formatProblem(problem)}`)));
}
