import type { ConfigProblem } from '@kedge/shared/contracts';
import { nearest } from '@kedge/shared/kernel';
import type { z } from 'zod';
import { insteadOf } from './compose-words.ts';
import { kindOf } from './issue-messages.ts';
import { MainFile } from './main-file.ts';
import { headerOf, keysAt, tablesOf } from './schema-tables.ts';
import { ServiceFile } from './service-file.ts';
import { isMadeKey } from './shown-key.ts';
import { problemAt, type TomlFile } from './template-file.ts';
import type { Pointer } from './toml-places.ts';
import { valueAt } from './well-formed.ts';

interface UnknownKey {
  readonly schema: z.ZodType;
  readonly file: TomlFile;
  /** The table that it stands in. */
  readonly path: Pointer;
  readonly key: string;
}

/** Of the main file; the other one has a single `[service]`. */
const listed = '[[service]]';

/** A key that is none: what to write instead, the nearest in the same table, or the table in which it is one. */
export function unknownKey({ schema, file, path, key }: UnknownKey): ConfigProblem {
  const pointer = [...path, key];
  const table = headerOf(path);
  const within = path.length === 0 || path.some((_, index) => isMadeKey(file, path.slice(0, index + 1))) ? '' : ` in ${table}`;
  const tell = (message: string, near: string | null = null) =>
    problemAt(file, { pointer, message: `unknown key${within}${message}`, nearest: near, atKey: true });

  const instead = insteadOf(key);
  if (instead !== null) return tell(`; ${instead}`);
  if (table === listed) return tell('; only path is known here: what a service is stands in the service.toml of its folder');
  const known = keysAt(schema, path);
  const near = nearest(key, known);
  const homes = near === null ? homesOf(schema, key).filter((home) => home !== table) : [];
  const elsewhere = near === null && path.length === 0 ? otherFile(schema, key) : null;
  if (elsewhere !== null) return tell(`; it belongs in ${elsewhere}`);
  if (homes.length === 0) return tell(`; known are ${known.join(', ')}`, near ?? wholeWord(key, known));
  const [home = ''] = homes;
  const isTable = homes.length === 1 && home.startsWith('[') && !home.startsWith('[[') && kindOf(valueAt(file.root, pointer)) === 'a table';
  const cure = isTable && !isMadeKey(file, pointer) ? tableCure(schema, { home, key }) : '';
  return tell(`; it belongs in ${homes.join(' or ')}${cure}`);
}

/** What to write in place of a table at the top of the file. */
function tableCure(schema: z.ZodType, { home, key }: { readonly home: string; readonly key: string }): string {
  if (takesTable(schema, [...home.slice(1, -1).split('.'), key])) return `: write ${home.slice(0, -1)}.${key}]`;
  return `, and is no table: write ${key} = ${examples[key] ?? '…'} below ${home}`;
}

const examples: Readonly<Record<string, string>> = { restart: '"always"' };

function takesTable(schema: z.ZodType, path: readonly string[]): boolean {
  const root = path.reduceRight<object>((value, step) => ({ [step]: value }), {});
  const found = schema.safeParse(root).error?.issues ?? [];
  return !found.some((issue) => issue.code === 'invalid_type' && issue.path.join('.') === path.join('.'));
}

/** The only key that begins as an abbreviation does, `proto` for `protocol`, or that has it for one of its words: `ip` for `host_ip`. */
function wholeWord(key: string, known: readonly string[]): string | null {
  const short = key.toLowerCase();
  const begins = short.length < 3 ? [] : known.filter((each) => each.startsWith(short));
  const [only, ...more] = begins.length > 0 ? begins : known.filter((each) => each.split('_').includes(short));
  return more.length === 0 ? (only ?? null) : null;
}

/** The other one of the two files, when the key stands at the top of it. */
function otherFile(schema: z.ZodType, key: string): string | null {
  if (schema === MainFile && keysAt(ServiceFile, []).includes(key)) return 'the service.toml of a service';
  return schema === ServiceFile && keysAt(MainFile, []).includes(key) ? 'the main file' : null;
}

/** The tables that have such a key; none when it is one of too many to be a help. */
function homesOf(schema: z.core.$ZodType, key: string): readonly string[] {
  const homes = tablesOf(schema).flatMap(({ header, keys, isAlias }) => (keys.includes(key) && !isAlias ? [header] : []));
  return homes.length <= 3 ? homes : [];
}
