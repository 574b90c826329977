import { readFile } from 'node:fs/promises';
import { jsonSchemaOf, schemaFiles } from './json-schema.ts';
import { keysPage } from './keys-page.ts';

interface GeneratedFile {
  readonly url: URL;
  readonly text: string;
}

const page = new URL('../KEYS.md', import.meta.url);

/** The files that are made from the grammar, as they should be. */
export async function generated(): Promise<readonly GeneratedFile[]> {
  const schemas = schemaFiles.map(({ name, title, schema }) => ({
    url: new URL(name, import.meta.url),
    text: formatted(jsonSchemaOf(schema, title)),
  }));
  return [...schemas, { url: page, text: keysPage(await readFile(page, 'utf8')) }];
}

const listOfTexts = /^( *)("(?:[^"\\]|\\.)*": )?\[\n((?: *"(?:[^"\\]|\\.)*",?\n)+) *\](,?)$/gm;
const widest = 140;

/** JSON as the formatter of this repository leaves it: lists of texts on one line where they fit. */
function formatted(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  const folded = text.replaceAll(listOfTexts, (whole: string, indent: string, key: string | undefined, items: string, comma: string) => {
    const line = `${indent}${key ?? ''}[${items.trim().split(/\n\s*/).join(' ')}]${comma}`;
    return line.length <= widest ? line : whole;
  });
  return `${folded}\n`;
}
