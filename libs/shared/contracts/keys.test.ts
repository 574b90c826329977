import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { epochKey, hostKey, imageKey, manifestKey, nobodyComes, placeKey, proxySettingsKey, rejectionKey, runKey } from './keys.ts';
import { NodeName, ServiceName, serviceKey } from './names.ts';

const node = NodeName.parse('local');
const service = ServiceName.parse('job');

/** What the server takes as a key: letters, digits and `- / _ = .`, with no dot at an end. */
const validKey = /^[-/_=a-zA-Z0-9]+(\.[-/_=a-zA-Z0-9]+)*$/;

describe('keys', () => {
  it('are valid and distinct for every image reference and host', () => {
    for (const keyOf of [imageKey, hostKey]) {
      fc.assert(
        fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ minLength: 1, unit: 'grapheme' }), (left, right) => {
          assert.match(keyOf(left), validKey);
          if (left !== right) assert.notEqual(keyOf(left), keyOf(right));
        }),
      );
    }
  });

  it('of an image show which one it is', () => {
    assert.match(imageKey('registry.example.com:5000/team/app:1.2'), /^registry-example-com-5000-team-app-1-2_[0-9a-f]{16}$/);
    assert.match(imageKey(`app@sha256:${'a'.repeat(64)}`), /^a{40}_[0-9a-f]{16}$/);
  });

  it('that two components agree on are spelled so', () => {
    assert.equal(rejectionKey(node), 'local._rejected');
    assert.equal(nobodyComes, 'nobody');
  });

  it('of a place that a proxy leaves is below the name of the reconciler, who writes it', () => {
    assert.equal(placeKey(node, '0'.repeat(64)), `reconciler.local.place-${'0'.repeat(64)}`);
  });

  it('of a run are made of its second', () => {
    assert.equal(runKey({ node, service, instant: '2026-01-01T00:00:05.000Z' }), 'local.job.1767225605');
  });

  it('of what is no service can be none of a service', () => {
    for (const key of [manifestKey(node), rejectionKey(node), proxySettingsKey(node), `${node}.${epochKey}`]) {
      const name = key.slice(`${node}.`.length);
      assert.equal(ServiceName.safeParse(name).success, false, key);
      assert.equal(key, serviceKey(node, name as ServiceName));
    }
  });
});
