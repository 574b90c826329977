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
    text: `${JSON.stringify(jsonSchemaOf(schema, title), null, 2)}\n`,
  }));
  return [...schemas, { url: page, text: keysPage(await readFile(page, 'utf8')) }];
}
