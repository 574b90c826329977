import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fingerprint, fingerprintKey, isForeign } from './fingerprint.ts';

const key = fingerprintKey(new Uint8Array(32).fill(7));
const otherKey = fingerprintKey(new Uint8Array(32).fill(8));

describe('fingerprint', () => {
  it('is pinned: another form for the same input would roll every service with a secret', () => {
    assert.equal(key.id, '4bb06f8e');
    assert.equal(
      fingerprint(key, { place: 'web/service.toml#/env/TOKEN', json: '"hunter2"' }),
      '4bb06f8e:106bc3fb2deb28ee4906661b58288b20601b22c9ac30b46406860ed3ab764cd9',
    );
  });

  it('differs by value, by place and by key, and holds no value', () => {
    const prints = [
      fingerprint(key, { place: 'a#/b', json: '"x"' }),
      fingerprint(key, { place: 'a#/b', json: '"y"' }),
      fingerprint(key, { place: 'a#/c', json: '"x"' }),
      fingerprint(key, { place: 'a#/b', json: '5' }),
      fingerprint(key, { place: 'a#/b', json: '"5"' }),
      fingerprint(otherKey, { place: 'a#/b', json: '"x"' }),
    ];
    assert.equal(new Set(prints).size, prints.length);
    for (const print of prints) assert.match(print, /^[0-9a-f]{8}:[0-9a-f]{64}$/);
  });

  it('knows the fingerprints of other keys', () => {
    assert.equal(isForeign(key, fingerprint(key, { place: 'a#/b', json: '1' })), false);
    assert.equal(isForeign(key, fingerprint(otherKey, { place: 'a#/b', json: '1' })), true);
    assert.equal(isForeign(key, 'nonsense'), true);
  });
});
