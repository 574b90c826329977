import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declared } from '../testing/observed.ts';
import { byPosition, secretPlaces } from './secret-places.ts';

const secret = { ref: 'web/service.toml#/x', fingerprint: `v1:${'0'.repeat(64)}` };

describe('secretPlaces', () => {
  it('names where a spec holds secrets, and nothing else', () => {
    const spec = declared({
      service: { command: ['serve', secret], labels: { plain: 'x', token: secret }, healthcheck: { test: ['CMD', secret] } },
      env: { TOKEN: secret, PLAIN: 'x' },
    });
    assert.deepEqual(secretPlaces(spec).toSorted(), ['command/1', 'env/TOKEN', 'healthcheck/1', 'labels/token']);
  });
  it('is empty for a spec without secrets', () => assert.deepEqual(secretPlaces(declared({ env: { PLAIN: 'x' } })), []));
});

describe('byPosition', () => {
  it('gives the words of a list by their position', () => assert.deepEqual(byPosition(['a', 'b']), { 0: 'a', 1: 'b' }));
  it('is empty where there is no list', () => assert.deepEqual([byPosition(null), byPosition(undefined)], [{}, {}]));
});
