import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sourceKey } from './secret-store.ts';

describe('what an answer of a secret source is known by', () => {
  const source = { source: 'google', name: 'projects/1/secrets/A', version: '2' } as const;

  it('is the same wherever the secret is declared, and another for another version', () => {
    assert.equal(sourceKey({ ...source }), sourceKey(source));
    assert.notEqual(sourceKey({ ...source, version: 'latest' }), sourceKey(source));
    assert.notEqual(sourceKey({ ...source, name: 'projects/1/secrets/B' }), sourceKey(source));
  });
});
