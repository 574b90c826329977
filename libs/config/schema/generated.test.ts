import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { generated } from './generated.ts';

describe('files that are made from the grammar', async () => {
  for (const { url, text } of await generated()) {
    it(`${basename(url.pathname)} is fresh`, async () => {
      assert.equal(await readFile(url, 'utf8'), text, 'run "node libs/config/schema/generate.ts"');
    });
  }
});
