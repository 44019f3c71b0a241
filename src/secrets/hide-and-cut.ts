import { cutText } from '../agents/cut-text.js';
import { hideSecrets } from './hide-secrets.js';

/** The beginning of what a program or a server said, at most `length` UTF-16 units of it, as it may be told. */
export const hideAndCut = (text: string, length: number): string => cutText(hideSecrets(text), length);
