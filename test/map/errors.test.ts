import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { listFiles, root } from '../architecture/sources.ts';
import { codesIn, composedCodesIn, disagreements, paragraphsIn } from './error-codes.ts';
import { productSources } from './known-names.ts';
import { mentionsIn } from './markdown.ts';

const document = 'docs/errors.md';
/** Names that documents write in capitals with a line below, and that are no codes: of environment variables, and of Linux capabilities. */
const otherNames = /^(?:KEDGE_|NODE_|NO_COLOR$|(?:DAC|NET|CAP)_)/;

describe('the errors', async () => {
  const sources = await productSources();
  const codes = sources.flatMap(({ text }) => codesIn(text).map(({ code }) => code));
  const paragraphs = paragraphsIn(await readFile(join(root, document), 'utf8'));

  it('are found in the sources', () => {
    assert.ok(new Set(codes).size > 50, `${new Set(codes).size} codes`);
    for (const code of ['UNEXPECTED', 'ENGINE_ERROR', 'REGISTRY_NOT_FOUND', 'SUBNET_TAKEN', 'START_FAILED'])
      assert.ok(codes.includes(code), code);
  });

  it(`have a paragraph each in ${document}, which has no other`, () => assert.deepEqual(disagreements(paragraphs, codes), []));

  it('are spelled out where they are thrown', () => {
    assert.deepEqual(
      sources.flatMap(({ file, text }) => composedCodesIn(text).map((composed) => `${file}: ${composed}`)),
      [],
    );
  });

  it('are called by names that exist wherever a document names one', async () => {
    const known = new Set(codes);
    const unknown: string[] = [];
    for (const file of await listFiles(/\.md$/)) {
      for (const { line, text } of mentionsIn(await readFile(join(root, file), 'utf8'))) {
        const isCode = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(text) && !otherNames.test(text);
        if (isCode && !known.has(text)) unknown.push(`${file}:${line} ${text}`);
      }
    }
    assert.deepEqual(unknown, []);
  });
});
