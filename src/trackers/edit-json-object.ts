/**
 * Sets top-level members in the text of a JSON object, or removes those whose new value is undefined. Everything else stays
 * byte for byte: order, spacing, escapes, and numbers that JavaScript can't hold. New members come last, spaced as the
 * first ones are. The text must be valid.
 */
export function editJsonObject(text: string, changes: Readonly<Record<string, unknown>>): string {
  return Object.entries(changes).reduce(
    (edited, [key, value]) => (value === undefined ? removeMember(edited, key) : setMember(edited, key, value)),
    text,
  );
}

function setMember(text: string, key: string, value: unknown): string {
  const members = scanMembers(text);
  // Of a key that is there twice, parsers take the last.
  const old = members.findLast((member) => member.key === key);
  if (old) return replace(text, old.valueStart, old.end, JSON.stringify(value));
  const [first, second] = members;
  const inside = text.indexOf('{') + 1;
  if (!first) return replace(text, inside, inside, `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  const colon = text.slice(first.keyEnd, first.valueStart);
  const comma = second ? text.slice(first.end, second.start) : ',';
  const end = members.at(-1)!.end;
  return replace(text, end, end, `${comma}${JSON.stringify(key)}${colon}${JSON.stringify(value)}`);
}

function removeMember(text: string, key: string): string {
  const members = scanMembers(text);
  const index = members.findLastIndex((member) => member.key === key);
  const member = members[index];
  if (!member) return text;
  const [before, after] = [members[index - 1], members[index + 1]];
  const cut = after
    ? replace(text, member.start, after.start, '')
    : replace(text, before?.end ?? member.start, member.end, '');
  return removeMember(cut, key);
}

const replace = (text: string, start: number, end: number, by: string): string =>
  text.slice(0, start) + by + text.slice(end);

/** Offsets in the text; `end` is behind the value, spaces not included. */
interface Member {
  key: string;
  start: number;
  keyEnd: number;
  valueStart: number;
  end: number;
}

function scanMembers(text: string): Member[] {
  const members: Member[] = [];
  let at = skipSpace(text, text.indexOf('{') + 1);
  while (text[at] === '"') {
    const keyEnd = skipString(text, at);
    const key: unknown = JSON.parse(text.slice(at, keyEnd));
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = skipValue(text, valueStart);
    members.push({ key: String(key), start: at, keyEnd, valueStart, end });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return members;
}

function skipValue(text: string, start: number): number {
  let at = start;
  let depth = 0;
  do {
    const character = text[at];
    if (character === '"') at = skipString(text, at);
    else if (character === '{' || character === '[') [at, depth] = [at + 1, depth + 1];
    else if (character === '}' || character === ']') [at, depth] = [at + 1, depth - 1];
    else if (depth > 0) at += 1;
    else at = skip(text, at, /[^,}\]\s]*/y);
  } while (depth > 0);
  return at;
}

function skipString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

const skipSpace = (text: string, start: number): number => skip(text, start, /[ \t\r\n]*/y);

function skip(text: string, start: number, pattern: RegExp): number {
  pattern.lastIndex = start;
  pattern.test(text);
  return pattern.lastIndex;
}
