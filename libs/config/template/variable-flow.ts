import type { Block, BlockTree } from './block-tree.ts';
import type { Segment, Template } from './lexer.ts';
import { namesAssigned, namesMentioned, parametersOf } from './names-read.ts';

/** The variables that a part of a template depends on. */
export interface Dependence {
  /** What it prints may be made of them. */
  readonly printed: ReadonlySet<string>;
  /** Whether, or how often, it is printed may depend on them. */
  readonly decided: ReadonlySet<string>;
}

/** What each part of a template depends on, at most. */
export interface VariableFlow {
  /** By segment. */
  readonly segments: readonly Dependence[];
  /** By block: the variables in its own statements. */
  readonly blocks: readonly ReadonlySet<string>[];
}

/** What can be changed from afar: attributes of a namespace, and objects that count. */
const heap = '*heap';
const heapFunctions = ['namespace', 'cycler', 'joiner'];

/** Up to so many macros are told apart. */
const mostCallables = 32;

/** Blocks whose statements decide whether, or how often, their content is printed. */
const decides = new Set(['if', 'for', 'call']);

interface ToFollow {
  readonly template: Template;
  /** Of the template. */
  readonly tree: BlockTree;
  readonly variables: Iterable<string>;
}

/**
 * Follows variables through a template without running it: whatever order its statements run in, a part depends on at most what is told
 * here. A graph: from each name to the names that it is made of, or that decide about it.
 */
export function followVariables({ template: { segments }, tree: { blocks, enclosing }, variables }: ToFollow): VariableFlow {
  const edges = new Map<string, Set<string>>();
  const known = new Set(variables);
  const reads = segments.map((segment) => new Set(namesMentioned(tokensOf(segment)).map(({ text }) => text)));
  const everything = new Set(reads.flatMap((names) => [...names]));
  const callables = blocks.filter(({ keyword }) => keyword === 'macro' || keyword === 'call');
  const opened = new Map(blocks.map((block) => [block.headers[0], block]));
  let size = 0;

  flow('debug', known);
  for (const name of ['self', 'super']) flow(name, everything);
  for (const name of heapFunctions) flow(name, [heap]);
  for (const [index, segment] of segments.entries()) if (segment.kind === 'statement') readStatement(index);
  for (const { index, parent, keyword, headers } of blocks) {
    if (decides.has(keyword)) for (const header of headers) flow(blockNode(index), readsAt(header));
    flow(blockNode(index), [blockNode(parent)]);
    if (keyword === 'macro' || keyword === 'call') readCallable({ index, keyword, headers });
    if (keyword === 'set') for (const name of namesAssigned(tokensAt(headers[0] ?? 0))) flow(name, contentOf(index));
  }
  readCalls();

  const reaching = variablesByNode(edges, known);
  return {
    segments: segments.map((segment, index) => {
      const decided = variablesFrom([blockNode(enclosing[index] ?? null)]);
      if (segment.kind === 'text') return { printed: new Set<string>(), decided };
      const own = opened.get(index);
      return { printed: variablesFrom([...readsAt(index), ...(own?.captures === 'printed' ? contentOf(own.index) : [])]), decided };
    }),
    blocks: blocks.map(({ headers }) => variablesFrom(headers.flatMap((header) => [...readsAt(header)]))),
  };

  function readStatement(index: number): void {
    const tokens = tokensAt(index);
    const names = tokens[0]?.text === 'macro' ? [] : namesAssigned(tokens);
    const around = blockNode(enclosing[index] ?? null);
    for (const name of names) flow(name, [...readsAt(index), around]);
    if (tokens[0]?.text === 'for') {
      flow('loop', [...readsAt(index), around]);
      const block = opened.get(index);
      if (block && tokens.some(({ text }) => text === 'recursive')) for (const name of names) flow(name, contentOf(block.index));
    }
    if (tokens[0]?.text === 'do' || (tokens[0]?.text === 'set' && tokens[2]?.text === '.')) flow(heap, [...readsAt(index), around]);
  }

  function readCallable({ index, keyword, headers: [header = 0] }: Pick<Block, 'index' | 'keyword' | 'headers'>): void {
    const tokens = tokensAt(header);
    const name = keyword === 'call' ? 'caller' : (namesAssigned(tokens)[0] ?? '');
    flow(name, [macroNode(index), ...contentOf(index)]);
    // Of very many they share what they are called with: too much may be told of them, but not too late.
    const given = argumentsNode(callables.length > mostCallables ? (callables[0]?.index ?? index) : index);
    for (const parameter of parametersOf(tokens)) flow(parameter, [given, ...readsAt(header)]);
    flow(blockNode(index), [given]);
  }

  /** Whoever mentions a macro may call it: its parameters and its body depend on what stands there. */
  function readCalls(): void {
    for (let before = -1; callables.length > 0 && before !== size; ) {
      before = size;
      const backwards = reversed(edges);
      const nodes = callables.length > mostCallables ? [callables] : callables.map((callable) => [callable]);
      for (const group of nodes) {
        const mentioning = reach(
          backwards,
          group.map(({ index }) => macroNode(index)),
        );
        for (const [index, names] of reads.entries()) {
          if (![...names].some((name) => mentioning.has(name))) continue;
          flow(argumentsNode(group[0]?.index ?? 0), [...names, blockNode(enclosing[index] ?? null)]);
        }
      }
    }
  }

  /** Everything that is mentioned between the statements of a block. */
  function contentOf(block: number): string[] {
    const [first = 0] = blocks[block]?.headers ?? [];
    const last = blocks[block]?.closing ?? segments.length;
    return reads.slice(first, last).flatMap((names) => [...names]);
  }

  function flow(to: string, from: Iterable<string>): void {
    const sources = edges.get(to) ?? new Set();
    for (const source of from) {
      if (!sources.has(source)) size += 1;
      sources.add(source);
    }
    edges.set(to, sources);
  }

  function variablesFrom(from: readonly string[]): ReadonlySet<string> {
    return new Set(from.flatMap((node) => reaching.get(node) ?? []));
  }

  function readsAt(index: number): Iterable<string> & { readonly size: number } {
    return reads[index] ?? new Set<string>();
  }

  function tokensAt(index: number) {
    return tokensOf(segments[index]);
  }
}

type Edges = ReadonlyMap<string, Iterable<string>>;

function reach(edges: Edges, from: Iterable<string>): Set<string> {
  const found = new Set(from);
  for (const node of found) for (const next of edges.get(node) ?? []) found.add(next);
  return found;
}

/** For each node the variables that reach it: once along the graph for each of them. */
function variablesByNode(edges: Edges, variables: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const backwards = reversed(edges);
  const found = new Map<string, string[]>();
  for (const variable of variables) {
    for (const node of reach(backwards, [variable])) {
      const before = found.get(node);
      if (before) before.push(variable);
      else found.set(node, [variable]);
    }
  }
  return found;
}

function reversed(edges: Edges): Edges {
  const backwards = new Map<string, string[]>();
  for (const [to, sources] of edges) {
    for (const source of sources) {
      const before = backwards.get(source);
      if (before) before.push(to);
      else backwards.set(source, [to]);
    }
  }
  return backwards;
}

function tokensOf(segment: Segment | undefined) {
  return segment && segment.kind !== 'text' ? segment.code.tokens : [];
}

function blockNode(index: number | null): string {
  return `*block:${index}`;
}

function macroNode(index: number): string {
  return `*macro:${index}`;
}

function argumentsNode(index: number): string {
  return `*arguments:${index}`;
}
