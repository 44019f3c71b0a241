const MAX_LENGTH = 80;

/** A value as an error shows it: one line, short, and unable to steer a terminal. */
export function showValue(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return shorten(quote(value));
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? showList(value) : 'a map';
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
  }
}

/** `agent.max_turns`, `tracker.types[0]`; a key that isn't a plain word is quoted. */
export function showPath(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      const word = /^[\w-]{1,80}$/.test(String(step)) ? String(step) : shorten(quote(String(step)));
      return index === 0 ? word : `.${word}`;
    })
    .join('');
}

function showList(list: unknown[]): string {
  const plain = list.every((entry) => entry === null || ['string', 'number', 'boolean'].includes(typeof entry));
  if (!plain || list.length > 20) return `a list of ${list.length}`;
  return shorten(`[${list.map(showValue).join(', ')}]`);
}

// JSON leaves DEL, the C1 controls, line separators and marks of writing direction as they are.
function quote(text: string): string {
  return JSON.stringify(text.slice(0, 2 * MAX_LENGTH)).replaceAll(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function shorten(text: string): string {
  // By characters: half of one isn't text.
  return text.length > MAX_LENGTH ? `${Array.from(text).slice(0, MAX_LENGTH).join('')}…` : text;
}
