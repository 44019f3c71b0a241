import { Liquid, LiquidError } from 'liquidjs';
import type { LocatedProblem } from './front-matter.js';

/**
 * What is wrong with a prompt template as Liquid: a tag that isn't closed, an unknown tag or filter. Unknown variables
 * show only when the prompt is rendered.
 *
 * @param startLine The template's first line in its file, from 1.
 */
export function checkPromptSyntax(template: string, startLine: number): LocatedProblem[] {
  try {
    new Liquid({ strictFilters: true, strictVariables: true }).parse(template);
    return [];
  } catch (error) {
    const [line = 1] = LiquidError.is(error) ? error.token.getPosition() : [];
    const reason = String(error instanceof Error ? error.message : error)
      .replace(/, line:\d+, col:\d+$/, '')
      .replaceAll(/\s+/g, ' ');
    return [{ line: startLine + line - 1, path: [], text: `prompt: ${reason}` }];
  }
}
