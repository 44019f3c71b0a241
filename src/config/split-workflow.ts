import type { LocatedProblem } from './front-matter.js';

export interface SplitWorkflow {
  /** The front matter, after as many empty lines as the file has before it. */
  yaml: string;
  /** The prompt template, trimmed. */
  template: string;
  /** The template's first line in the file, from 1. */
  startLine: number;
  problems: LocatedProblem[];
  warnings: LocatedProblem[];
}

/** Takes a WORKFLOW.md apart. The rules are those of the Symphony specification, section 5.2. */
export function splitWorkflow(text: string): SplitWorkflow {
  const lines = text.split('\n');
  if (!isFence(lines[0])) {
    return { yaml: '', ...trimTemplate(lines, 0), problems: [], warnings: warnOfLateFence(lines) };
  }
  const end = lines.findIndex((line, index) => index > 0 && isFence(line));
  if (end === -1) {
    const unclosed = 'found front matter without an end, allowed: a second line --- after it';
    return { yaml: '', template: '', startLine: 1, problems: [{ line: 1, path: [], text: unclosed }], warnings: [] };
  }
  return { yaml: `\n${lines.slice(1, end).join('\n')}`, ...trimTemplate(lines, end + 1), problems: [], warnings: [] };
}

const isFence = (line: string | undefined): boolean => line !== undefined && /^---[ \t]*$/.test(line);

function trimTemplate(lines: string[], from: number): { template: string; startLine: number } {
  const first = lines.findIndex((line, index) => index >= from && line.trim() !== '');
  return first === -1
    ? { template: '', startLine: 1 }
    : { template: lines.slice(first).join('\n').trim(), startLine: first + 1 };
}

/** Settings below an empty first line are prompt by the specification, and their author believes that they count. */
function warnOfLateFence(lines: string[]): LocatedProblem[] {
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first < 1 || !isFence(lines[first]?.trim())) return [];
  const text = 'front matter counts only from the first line of the file; all of this is taken as the prompt';
  return [{ line: first + 1, path: [], text }];
}
