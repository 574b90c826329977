import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manifestKey, NodeName, rejectionKey, ServiceName, serviceKey } from '@kedge/shared/contracts';
import { isStagedKey, stagedKey } from './staged-specs.ts';

const node = NodeName.parse('local');

describe('the key of a spec that waits', () => {
  it('is that of its hash, so that two writers never overwrite each other', () => {
    assert.equal(stagedKey(node, { hash: 'abc' }), 'local._next.abc');
    assert.notEqual(stagedKey(node, { hash: 'abd' }), stagedKey(node, { hash: 'abc' }));
  });

  it('is of no service, no manifest and no rejection', () => {
    assert.ok(isStagedKey(stagedKey(node, { hash: 'abc' })));
    for (const name of ['next', 'a._next', 'web']) assert.equal(isStagedKey(serviceKey(node, ServiceName.parse(name))), false);
    for (const key of [manifestKey(node), rejectionKey(node)]) assert.equal(isStagedKey(key), false);
  });
});
