import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declared } from '../testing/observed.ts';
import { specDifferences } from './spec-differences.ts';

const secret = (fingerprint: string) => ({ ref: 'web/service.toml#/env/TOKEN', fingerprint });

describe('what differs between two declarations', () => {
  it('is nothing for the same', () => assert.deepEqual(specDifferences(declared(), declared()), []));

  it('is told by key, with what was and what will be', () => {
    const before = declared({ env: { A: '1', B: '2' }, port: [{ host: 80, container: 8080 }] });
    const after = declared({ env: { A: '1', B: '3', C: '4' } });
    assert.deepEqual(specDifferences(before, after), [
      { key: 'env.B', from: '2', to: '3' },
      { key: 'env.C', from: null, to: '4' },
      { key: 'port[0].container', from: '8080', to: null },
      { key: 'port[0].host', from: '80', to: null },
    ]);
  });

  it('tells that a secret changed, and never more', () => {
    const before = declared({ env: { TOKEN: secret('k:1'), SAME: secret('k:3') } });
    const after = declared({ env: { TOKEN: secret('k:2'), SAME: secret('k:3') } });
    assert.deepEqual(specDifferences(before, after), [{ key: 'env.TOKEN', from: null, to: null }]);
    assert.deepEqual(specDifferences(declared({ env: { TOKEN: 'open' } }), after).slice(-1), [
      { key: 'env.TOKEN', from: 'open', to: '(secret)' },
    ]);
  });

  it('cuts what is long', () => {
    const [difference] = specDifferences(declared(), declared({ env: { LONG: 'x'.repeat(500) } }));
    assert.equal(difference?.to?.length, 80);
  });
});
