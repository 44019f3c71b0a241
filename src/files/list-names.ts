import { readdir } from 'node:fs/promises';
import { hasCode } from '../processes/create-once.js';

/** What is in a folder, by name; nothing when there is no such folder. */
export async function listNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
