import { z } from 'zod';

const text = z.string().min(1);
const input = z
  .object({ command: text })
  .or(z.object({ file_path: text }))
  .or(z.object({ description: text }));
const block = z.union([
  z.object({ type: z.literal('text'), text }),
  z.object({ type: z.literal('tool_use'), name: text, input: input.optional().catch(undefined) }),
]);
const assistant = z.object({
  type: z.literal('assistant'),
  message: z.object({ content: z.array(block.optional().catch(undefined)) }),
});
const item = z.object({
  type: z.string().startsWith('item.'),
  item: z.union([
    z.object({ type: z.literal('agent_message'), text }),
    z.object({ type: z.literal('command_execution'), command: text }),
  ]),
});

/**
 * What a line of an agent's stdout says to a person who watches it: the line itself, or, of the JSON lines of Claude Code, Amp and Codex,
 * what the model said or does. Undefined for lines that say nothing.
 */
export function showOutputLine(line: string): string | undefined {
  const plain = line.trim();
  if (plain === '') return undefined;
  if (!plain.startsWith('{')) return plain;
  let value: unknown;
  try {
    value = JSON.parse(plain);
  } catch {
    // The beginning of it is missing, or it is no JSON after all.
    return plain.includes('"type":') ? undefined : plain;
  }
  const claude = assistant.safeParse(value).data;
  if (claude) return describeBlock(claude.message.content.findLast((each) => each !== undefined));
  const codex = item.safeParse(value).data?.item;
  if (codex) return oneLine(codex.type === 'agent_message' ? codex.text : `$ ${codex.command}`);
  return isStory(value) ? undefined : plain;
}

function describeBlock(told: z.infer<typeof block> | undefined): string | undefined {
  if (told === undefined) return undefined;
  if (told.type === 'text') return oneLine(told.text);
  return oneLine([told.name, ...Object.values(told.input ?? {})].join(' '));
}

/** All lines of these programs have a type. */
const isStory = (value: unknown): boolean => z.object({ type: z.string() }).safeParse(value).success;

const oneLine = (words: string): string => words.replaceAll(/\s+/g, ' ').trim();
