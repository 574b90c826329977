import { parse } from 'smol-toml';

/** Keys and indices from the root of a TOML file. */
export type Pointer = readonly (string | number)[];

/** Where a key and its value begin and end, in UTF-16 units. For a table header all lie in the brackets. */
export interface TomlPlace {
  readonly key: number;
  readonly keyEnd: number;
  readonly value: number;
  readonly end: number;
}

/** Where a comment stands. */
export interface TomlComment {
  readonly start: number;
  readonly end: number;
}

/** Places by `pointerText`. */
export type TomlPlaces = ReadonlyMap<string, TomlPlace>;

/** A pointer as the key of a map. */
export function pointerText(pointer: Pointer): string {
  return JSON.stringify(pointer);
}

/** The pointer that such a key was made of. */
export function pointerOfText(text: string): Pointer {
  const steps: unknown = JSON.parse(text);
  return Array.isArray(steps) ? steps.filter((step) => typeof step === 'string' || typeof step === 'number') : [];
}

/** Finds every key of a TOML text. The text must be valid: smol-toml, which knows no positions, has parsed it before. */
export function findTomlPlaces(text: string): TomlPlaces {
  return walkToml(text).places;
}

/** Finds the comments of a TOML text, in order. */
export function findTomlComments(text: string): readonly TomlComment[] {
  return walkToml(text).comments;
}

interface Key {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

function walkToml(text: string): { readonly places: TomlPlaces; readonly comments: readonly TomlComment[] } {
  const places = new Map<string, TomlPlace>();
  const comments: TomlComment[] = [];
  const tableCounts = new Map<string, number>();
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let table: Pointer = [];

  for (skipVoid(); at < text.length; skipVoid()) {
    if (text[at] === '[') readHeader();
    else readPair(table);
  }
  return { places, comments };

  function readHeader(): void {
    const isArray = text[at + 1] === '[';
    at += isArray ? 2 : 1;
    const keys = readKeys(']');
    if (isArray) at += 1;
    table = [];
    for (const [index, key] of keys.entries()) {
      table = [...table, key.name];
      note(table, { key: key.start, keyEnd: key.end, value: key.start, end: key.start });
      const id = pointerText(table);
      const isLast = index === keys.length - 1;
      if (isArray && isLast) tableCounts.set(id, (tableCounts.get(id) ?? 0) + 1);
      const count = tableCounts.get(id);
      if (count !== undefined) {
        table = [...table, count - 1];
        note(table, { key: key.start, keyEnd: key.end, value: key.start, end: key.start });
      }
    }
  }

  function readPair(parent: Pointer): void {
    let pointer = parent;
    const keys = readKeys('=');
    skipVoid();
    const value = at;
    for (const { name } of keys) pointer = [...pointer, name];
    const end = readValue(pointer);
    pointer = parent;
    for (const key of keys) {
      pointer = [...pointer, key.name];
      note(pointer, { key: key.start, keyEnd: key.end, value, end });
    }
  }

  /** Gives where the value ends: the blanks behind it are none of it. */
  function readValue(pointer: Pointer): number {
    const first = text[at];
    if (first === '"' || first === "'") at = endOfString(text, at);
    else if (first === '[') readItems(']', (index) => readItem([...pointer, index]));
    else if (first === '{') readItems('}', () => readPair(pointer));
    else {
      const start = at;
      while (at < text.length && !/[,\]}#\r\n]/.test(text.charAt(at))) at += 1;
      return start + text.slice(start, at).trimEnd().length;
    }
    return at;
  }

  function readItem(pointer: Pointer): void {
    const start = at;
    note(pointer, { key: start, keyEnd: start, value: start, end: readValue(pointer) });
  }

  function readItems(end: string, read: (index: number) => void): void {
    at += 1;
    for (let index = 0; at < text.length; index += 1) {
      skipVoid();
      if (text[at] === end) break;
      read(index);
      skipVoid();
      if (text[at] === ',') at += 1;
    }
    at += 1;
  }

  /** Reads `a."b c".d` up to and over `end`. */
  function readKeys(end: string): Key[] {
    const keys = [];
    while (at < text.length && text[at] !== end) {
      skipBlanks();
      const start = at;
      const quoted = text[at] === '"' || text[at] === "'";
      if (quoted) at = endOfString(text, at);
      else at = endOfBareKey(text, at);
      const raw = text.slice(start, at);
      keys.push({ name: quoted ? unquote(raw) : raw, start, end: at });
      skipBlanks();
      if (text[at] !== end) at += 1; // the dot between two keys
    }
    at += 1;
    return keys;
  }

  function note(pointer: Pointer, place: TomlPlace): void {
    const id = pointerText(pointer);
    if (!places.has(id)) places.set(id, place);
  }

  function skipBlanks(): void {
    while (text[at] === ' ' || text[at] === '\t') at += 1;
  }

  function skipVoid(): void {
    while (at < text.length) {
      if (text[at] === '#') {
        const start = at;
        while (at < text.length && text[at] !== '\n') at += 1;
        comments.push({ start, end: at });
      } else if (/[ \t\r\n]/.test(text.charAt(at))) at += 1;
      else return;
    }
  }
}

const bareKey = /[\w-]*/y;

function endOfBareKey(text: string, start: number): number {
  bareKey.lastIndex = start;
  return start + (bareKey.exec(text)?.[0].length ?? 0);
}

/** The offset behind the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  const quote = text.charAt(start);
  const isMultiline = text.startsWith(quote.repeat(3), start);
  const end = isMultiline ? quote.repeat(3) : quote;
  let at = start + end.length;
  while (at < text.length && !text.startsWith(end, at)) at += quote === '"' && text[at] === '\\' ? 2 : 1;
  at += end.length;
  // Up to two quotes may stand directly before the closing three (TOML 1.0, §String).
  if (isMultiline) for (let extra = 0; extra < 2 && text[at] === quote; extra += 1) at += 1;
  return at;
}

function unquote(raw: string): string {
  return String(parse(`key = ${raw}`).key);
}
