import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configSchema } from '../../src/config/schema.js';
import { loadWorkflowFile, type WorkflowFile } from '../../src/config/workflow-file.js';
import { makeFolder, messageOf } from './temporary-folder.js';

/** Loads a text as a WORKFLOW.md. */
export async function load(text: string | Uint8Array, env: NodeJS.ProcessEnv = {}): Promise<WorkflowFile> {
  const folder = await makeFolder();
  await writeFile(join(folder, 'WORKFLOW.md'), text);
  return await loadWorkflowFile(join(folder, 'WORKFLOW.md'), { env });
}

/** The lines of the error that loading it ends in, from the file's name on. */
export async function problemsOf(text: string | Uint8Array, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const message = await messageOf(() => load(text, env));
  return message.split('\n').map((line) => line.replace(/^.*WORKFLOW\.md/, 'WORKFLOW.md'));
}

export const front = (...lines: string[]): string => `---\n${lines.join('\n')}\n---\n`;

/** The kinds that there are, as an error lists them: every new one would change the messages otherwise. */
export function kinds(section: 'agent' | 'tracker'): string {
  const words = configSchema.shape[section]
    .unwrap()
    .shape.kind.unwrap()
    .options.map((kind) => JSON.stringify(kind));
  return words.join(', ').replace(/, ([^,]*)$/, ' or $1');
}
