import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { searchIn } from './find-secret.ts';

const secret = 'hunter2+hunter2/hunter2';

describe('the search for a secret', () => {
  it('finds it as it is and URL-encoded', () => {
    assert.deepEqual(searchIn(`a ${secret} b`)(secret), ['plain']);
    assert.deepEqual(searchIn(`a ${encodeURIComponent(secret)} b`)(secret), ['url']);
  });

  it('finds it in base64 whatever stands around it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        assert.ok(searchIn(Buffer.from(before + secret + after).toString('base64'))(secret).includes('base64'));
        assert.ok(searchIn(Buffer.from(before + secret + after).toString('base64url'))(secret).includes('base64'));
      }),
    );
  });

  it('finds it gzipped', () => assert.deepEqual(searchIn(`{"data":"${gzipSync(secret).toString('base64')}"}`)(secret), ['gzip']));

  it('finds nothing where nothing is', () => assert.deepEqual(searchIn('hunter3 '.repeat(50))(secret), []));
});
