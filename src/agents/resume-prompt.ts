import { tidyText } from './prompt.js';

export interface ResumeInput {
  issueId: string;
  issueTitle: string;
  /** Of the attempt, from 1. */
  turn: number;
  /** What went wrong before. */
  previous?: string;
  gateCommands: readonly string[];
  /** Empty in a directory workspace. */
  baseBranch: string;
}

/** For an agent that goes on with its session: it has the whole prompt already, so only what is new. */
export function renderResumePrompt({
  issueId,
  issueTitle,
  turn,
  previous,
  gateCommands,
  baseBranch,
}: ResumeInput): string {
  const happened =
    turn > 1
      ? 'Your work was not accepted:'
      : 'You were interrupted, or your work was not accepted. What is known of it:';
  const known = tidyText(previous);
  const lines = [
    `You go on with your work on issue ${tidyText(issueId)}: ${tidyText(issueTitle)}.`,
    '',
    ...(known ? [happened, '', known] : ['You were interrupted.']),
    '',
    'What you did is still in the working folder, as far as it got: look at it first (git log, git status), keep what is good, and mend the rest.',
    'All that was said about the issue and about what is expected still holds.',
    ...(baseBranch === '' ? [] : ['Commit your work with git.']),
    ...(gateCommands.length > 0
      ? [
          'These commands have to succeed in this folder; run them yourself first:',
          ...gateCommands.map((line) => `    ${line}`),
        ]
      : []),
    'End your last message with one of the lines GARLAND: NO_CHANGE, ALREADY_DONE, OBSOLETE or BLOCKED and a reason if that is how it stands, otherwise with a short account of what you did.',
  ];
  return `${lines.join('\n')}\n`;
}
