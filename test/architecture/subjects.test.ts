import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { buckets, entriesOf, subjects } from '@kedge/shared/contracts';
import { listFiles, root } from './sources.ts';

/** Calls of the bus that name a subject or bucket as text, in product code. */
async function usesOf(call: RegExp): Promise<readonly { readonly file: string; readonly name: string }[]> {
  const files = (await listFiles(/^(services|libs\/cli)\/.*\.ts$/)).filter((file) => !/\.(test|it)\.ts$|\/testing\//.test(file));
  const found = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(root, file), 'utf8');
      return [...text.matchAll(call)].map((match) => ({ file, name: match[1] ?? '' }));
    }),
  );
  return found.flat();
}

describe('contracts in use', () => {
  it('publishes every event from the component that the catalogue names, and from no other', async () => {
    const said = await usesOf(/\b(?:owe|publish)\(\s*'([a-z]+\.[a-z]+)'/g);
    assert.ok(said.length > 10, 'the search finds publishers');
    for (const { file, name } of said) {
      const contract = subjects[name as keyof typeof subjects];
      assert.ok(contract, `${file} says ${name}, which the catalogue does not know`);
      if (contract.kind === 'event')
        assert.ok(file.startsWith(`services/${contract.publisher}/`), `${file} says ${name}, which belongs to ${contract.publisher}`);
    }
  });

  it('writes every bucket from its one writer', async () => {
    const opened = await usesOf(/\.bucket\(\s*'([a-z]+)'/g);
    for (const { file, name } of opened) {
      const bucket = buckets[name as keyof typeof buckets];
      const component = file.split('/')[1] ?? '';
      const may = bucket.writer === 'each' || bucket.writer === component || bucket.readers.some((reader) => reader === component);
      assert.ok(may, `${file} opens ${name}`);
    }
  });

  it('gives every subject an owner whose folder exists', async () => {
    const files = await listFiles(/^services\/[^/]+\/main\.ts$/);
    const components = new Set(files.map((file) => file.split('/')[1]));
    for (const [subject, { owner }] of entriesOf(subjects)) assert.ok(components.has(owner), `${subject} belongs to ${owner}`);
  });
});
