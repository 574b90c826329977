import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, manifestKey, NodeName, rejectionKey } from '@kedge/shared/contracts';
import { rejectionRecord } from './first-rejection.ts';
import { stagedKey } from './staged-specs.ts';

const node = NodeName.parse('local');
const problems = [{ file: 'kedge.toml', line: 1, column: 1, message: 'bad' }];

describe('what was rejected before anything was in force', () => {
  it('has a key that is of no manifest and of no spec that waits', () => {
    for (const key of [manifestKey(node), stagedKey(node, { hash: '_rejected' })]) assert.notEqual(key, rejectionKey(node));
  });

  it('fits the contract of the bucket, and declares nothing', () => {
    const record = rejectionRecord({ node, problems, now: new Date(0) });
    assert.deepEqual(ConfigManifest.parse(record), record);
    assert.deepEqual([record.services, record.rejected], [{}, { problems, since: '1970-01-01T00:00:00.000Z' }]);
  });
});
