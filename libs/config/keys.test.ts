import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { MainFile } from './grammar/main-file.ts';
import { ServiceFile } from './grammar/service-file.ts';

/** Every key that a schema names, with the tables before it. */
function keysOf(schema: z.core.$ZodType, path: readonly string[] = []): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return keysOf(schema.unwrap(), path);
  if (schema instanceof z.ZodArray) return keysOf(schema.element, path);
  if (!(schema instanceof z.ZodObject)) return [path.join('.')];
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  return Object.entries(shape).flatMap(([key, each]) => keysOf(each, [...path, key]));
}

/** Keys that the page tells, by the heading of the file, and by the table of the text before or of the cell itself. */
function keysTold(section: string): Set<string> {
  const told = new Set<string>();
  let table = '';
  for (const line of section.split('\n')) {
    const heading = /^`\[+([\w.]+)\]+`/.exec(line);
    if (heading) table = heading[1] ?? '';
    if (heading && !line.includes(', which')) told.add(table);
    if (line.startsWith('Further tables') || line.startsWith('One of the two, at the top')) table = '';
    const [, cell = ''] = /^\| (.*?) \| /.exec(line) ?? [];
    let inside = table;
    for (const [, own, key = ''] of cell.matchAll(/`(?:\[+([\w.]+)\]+ )?([<\w>]+)`/g)) {
      if (own !== undefined) inside = own;
      told.add(key.startsWith('<') ? inside : [inside, key].filter((part) => part !== '').join('.'));
    }
  }
  return told;
}

describe('the page of keys', async () => {
  const page = await readFile(new URL('KEYS.md', import.meta.url), 'utf8');
  const [, main = '', service = ''] = page.split(/^## /m);

  for (const [file, schema, section] of [
    ['main file', MainFile, main],
    ['file of a service', ServiceFile, service],
  ] as const) {
    it(`tells every key of the ${file}, and no other`, () => {
      const known = keysOf(schema)
        // The two names of one table.
        .filter((key) => !key.startsWith('kedge.'));
      assert.ok(known.length > 10);
      const told = keysTold(section);
      assert.deepEqual(
        known.filter((key) => !told.has(key)),
        [],
      );
      const tables = new Set(known.flatMap((key) => key.split('.').map((_, index, parts) => parts.slice(0, index + 1).join('.'))));
      assert.deepEqual(
        [...told].filter((key) => !tables.has(key)),
        [],
      );
    });
  }
});
