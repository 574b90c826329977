import { parse, TomlError } from 'smol-toml';
import { offsetAt } from './source-place.ts';

/** What the parser made of a table: texts, numbers, booleans, dates, lists and tables. */
export type TomlTable = Readonly<Record<string, unknown>>;

/** What a text says; or the first thing that makes it no TOML, in one of the parser's constant sentences. */
export type ReadToml = { readonly root: TomlTable } | { readonly offset: number; readonly reason: string };

/** Parses a text. */
export function readToml(text: string): ReadToml {
  try {
    return { root: parse(text) };
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    // The rest of the message quotes the text: values could stand in it.
    const [reason = ''] = thrown.message.replace(/^Invalid TOML document: /, '').split('\n', 1);
    return { offset: offsetAt(text, thrown), reason };
  }
}

/** Whether a text is TOML by itself. */
export function isToml(text: string): boolean {
  return 'root' in readToml(text);
}

/** Whether a value is a table. */
export function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
