import {
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  parseDocument,
  visit,
} from 'yaml';
import type { Document, Pair, YAMLError, YAMLMap } from 'yaml';
import type { Problem } from './problems.js';

/** Something wrong with a file, at a line of it. */
export interface LocatedProblem extends Problem {
  line: number;
  column?: number;
}

export interface FrontMatter {
  /** The map as plain data; empty when there is none, or when `problems` say why it can't be read. */
  value: Record<string, unknown>;
  problems: LocatedProblem[];
  /** The line of a key or an entry, or of what is nearest above it. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** @param source The YAML, with as many lines before it as the file has, so that its lines are the file's. */
export function parseFrontMatter(source: string): FrontMatter {
  const lines = new LineCounter();
  if (isTooDeep(source)) return broken({ line: firstLine(source), path: [], text: TOO_DEEP });
  // The parser compares each key with every other one, which takes minutes for a large map: listKeyProblems doesn't.
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false, version: '1.2' } as const;
  const document = parseDocument(source, options);
  const locate = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (document.errors.length > 0) {
    return broken(...oncePerLine(document.errors.map((error) => describeSyntax(error, locate))));
  }

  const keys = listKeyProblems(document).map(({ offset, ...problem }) => ({
    ...problem,
    line: locate(offset).line,
  }));
  const line = firstLine(source);
  // A key that is a list or a map has no name in plain data, and every message about it would be a riddle.
  if (keys.some(({ text }) => text === COMPLEX_KEY)) return broken(...keys);
  const plain = toPlain(document);
  const indexes: KeyIndexes = new Map();
  if ('text' in plain) return broken(...keys, { line, path: [], text: plain.text });
  return { value: plain.value, problems: keys, lineOf: (path) => locate(findOffset(document, path, indexes)).line };
}

const MAX_DEPTH = 100;
const TOO_DEEP = `front matter: found nesting that is too deep, allowed: about ${MAX_DEPTH} levels`;
const COMPLEX_KEY = 'found a list or a map as a key, allowed: a word';

/** The parser is recursive, and so much nesting that its stack ends takes the whole process along; counting isn't. */
function isTooDeep(source: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(source)) {
    // The tokens themselves don't matter here, but pulling them is what moves the parser on.
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > MAX_DEPTH) return true;
  }
  return false;
}

function broken(...problems: LocatedProblem[]): FrontMatter {
  return { value: {}, problems, lineOf: () => 1 };
}

const firstLine = (source: string): number => source.search(/[^\n]|$/) + 1;

function describeSyntax(error: YAMLError, locate: (offset: number) => { line: number; column: number }) {
  const reason = error.code === 'MULTIPLE_DOCS' ? 'More than one document' : error.message.split('\n', 1)[0];
  return { ...locate(error.pos[0]), path: [], text: `broken YAML: ${reason}` };
}

/** The parser often says of one mistake several things. */
function oncePerLine(problems: LocatedProblem[]): LocatedProblem[] {
  return [...new Map(problems.toReversed().map((problem) => [problem.line, problem])).values()];
}

function listKeyProblems(document: Document.Parsed): (Problem & { offset: number })[] {
  const found: (Problem & { offset: number })[] = [];
  visit(document, {
    Map(_, map, ancestors) {
      const seen = new Set<unknown>();
      for (const pair of map.items) {
        const offset = offsetOf(pair.key);
        if (!isScalar(pair.key)) found.push({ offset, path: [], text: COMPLEX_KEY });
        else if (seen.has(String(pair.key.value))) {
          const path = [...pathOf([...ancestors, map]), String(pair.key.value)];
          found.push({ offset, path, text: 'found this key a second time, allowed: once' });
        } else seen.add(String(pair.key.value));
      }
    },
  });
  return found;
}

/** The path to the last of some nested nodes, as `visit` hands them over: nodes and pairs in turn. */
function pathOf(nodes: readonly unknown[]): PropertyKey[] {
  return nodes.flatMap((node, index): PropertyKey[] => {
    const parent = nodes[index - 1];
    if (isSeq(parent)) return [parent.items.indexOf(node)];
    return isMap(parent) && isPair(node) && isScalar(node.key) ? [String(node.key.value)] : [];
  });
}

function toPlain(document: Document.Parsed): { value: Record<string, unknown> } | { text: string } {
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return { value: {} };
  if (!isMap(contents)) {
    return { text: `front matter: found ${isCollection(contents) ? 'a list' : 'plain text'}, allowed: a map of keys` };
  }
  try {
    const value: Record<string, unknown> = document.toJS();
    // Throws for an alias to what it is part of.
    JSON.stringify(value);
    return { value };
  } catch (error) {
    const reason = error instanceof ReferenceError ? error.message : 'an alias is part of what it refers to';
    return { text: `broken YAML: ${reason}` };
  }
}

/** The pairs of maps by key: looked up for each problem, and there may be as many as keys. */
type KeyIndexes = Map<YAMLMap, Map<string, Pair>>;

function findOffset(document: Document.Parsed, path: readonly PropertyKey[], indexes: KeyIndexes): number {
  let node: unknown = document.contents;
  let offset = offsetOf(node);
  for (const step of path) {
    if (isMap(node)) {
      const pair = indexKeys(node, indexes).get(String(step));
      if (!pair) return offset;
      offset = offsetOf(pair.key);
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      if (node === undefined) return offset;
      offset = offsetOf(node);
    } else return offset;
  }
  return offset;
}

/** Of a repeated key the last one counts, and that is the one to point at. */
function indexKeys(map: YAMLMap, indexes: KeyIndexes): Map<string, Pair> {
  const known = indexes.get(map);
  if (known) return known;
  const index = new Map(map.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair]));
  indexes.set(map, index);
  return index;
}

function offsetOf(node: unknown): number {
  return (isNode(node) ? node.range?.[0] : undefined) ?? 0;
}
