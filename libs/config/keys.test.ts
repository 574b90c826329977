import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { MainFile } from './grammar/main-file.ts';
import { ServiceFile } from './grammar/service-file.ts';

/** Every key that a schema names, with what is told about it. */
function keysOf(schema: z.core.$ZodType, path: readonly string[] = []): { readonly key: string; readonly described: boolean }[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return keysOf(schema.unwrap(), path);
  if (schema instanceof z.ZodPipe) return keysOf(schema.in, path);
  if (schema instanceof z.ZodArray) return keysOf(schema.element, path);
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  return Object.entries(shape).flatMap(([name, each]) => {
    const inner = each instanceof z.ZodOptional || each instanceof z.ZodDefault ? each.unwrap() : each;
    const described = typeof z.globalRegistry.get(inner)?.description === 'string';
    return [{ key: [...path, name].join('.'), described }, ...keysOf(each, [...path, name])];
  });
}

describe('the page of keys', async () => {
  const page = await readFile(new URL('KEYS.md', import.meta.url), 'utf8');
  const [, main = '', service = '', variables = ''] = page.split(/^## /m);

  for (const [file, schema, section] of [
    ['main file', MainFile, main],
    ['file of a service', ServiceFile, service],
  ] as const) {
    it(`tells every key of the ${file}`, () => {
      const known = keysOf(schema);
      assert.ok(known.length > 10);
      for (const { key, described } of known) {
        assert.ok(described, `nothing is told about ${key}`);
        const name = key.split('.').at(-1) ?? '';
        assert.match(section, new RegExp(`\`(?:\\[+[\\w.]*)?${name}\\]*\``), `${key} is not on the page`);
      }
    });
  }

  it('keeps what is written by hand about variables', () => assert.match(variables, /^Variables/));
});
