/**
 * What GitHub closes an issue by, when a commit or a pull request that says it is merged: a word, and an issue of this repository or another.
 */
const CLOSING =
  /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:(?:[\w.-]+\/[\w.-]+)?#|GH-|https?:\/\/\S+?\/(?:issues|pull)\/)(?=\d)/gi;

/** The text with `fixes #1` as `fixes # 1`, which names no issue: it isn't garland's to say what is closed. */
export const closeNothing = (text: string): string => text.replaceAll(CLOSING, '$& ');
