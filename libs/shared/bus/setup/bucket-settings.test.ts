import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bucketSettings, outdated } from './bucket-settings.ts';

describe('the settings of a bucket', () => {
  it('keep one value for ever, unless the catalogue says otherwise', () => {
    const { max_msgs_per_subject, max_age, duplicate_window } = bucketSettings('services');
    assert.deepEqual([max_msgs_per_subject, max_age, duplicate_window], [1, 0, 120e9]);
    assert.equal(bucketSettings('releases').max_msgs_per_subject, 64);
    const leases = bucketSettings('leases');
    assert.deepEqual([leases.max_age, leases.duplicate_window], [15e9, 15e9]);
  });

  it('are outdated where they differ, and where the server knows nothing of them', () => {
    const wanted = bucketSettings('releases');
    assert.deepEqual(outdated(wanted, wanted), []);
    const { subject_delete_marker_ttl: _markers, ...older } = { ...wanted, max_msgs_per_subject: 1, max_age: 5 };
    assert.deepEqual(outdated(older, wanted), ['max_msgs_per_subject', 'max_age', 'subject_delete_marker_ttl']);
  });
});
