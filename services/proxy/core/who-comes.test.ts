import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LeaseEntry, NodeName } from '@kedge/shared/contracts';
import { type WhoComes, whoComes } from './who-comes.ts';

const node = NodeName.parse('local');
const since = new Date('2026-01-01T00:00:10.000Z');
const earlier = '2026-01-01T00:00:09.000Z';
const later = '2026-01-01T00:00:10.050Z';

function lease(holder: string, takenAt = later): { readonly value: LeaseEntry } {
  return { value: { holder, takenAt } };
}

describe('who comes in the place of a proxy that leaves', () => {
  const place = 'reconciler.local.place-own';
  const cases: readonly (readonly [string, readonly [string, { readonly value: LeaseEntry }][], WhoComes])[] = [
    ['is unknown while nobody has said anything', [], 'unknown'],
    ['is somebody where the reconciler names a container', [[place, lease('new')]], 'somebody'],
    ['is somebody although it was said before the signal arrived here', [[place, lease('new', earlier)]], 'somebody'],
    ['is nobody where the reconciler found none', [[place, lease('nobody')]], 'nobody'],
    ['is unknown where none was found the last time that this container was asked', [[place, lease('nobody', earlier)]], 'unknown'],
    ['is not told by the place of another one', [['reconciler.local.place-other', lease('new')]], 'unknown'],
    ['is not told by another node', [['reconciler.far.place-own', lease('new')]], 'unknown'],
    ['is not told by a lease on anything else', [['reconciler.local.engine', lease('new')]], 'unknown'],
  ];
  for (const [title, leases, expected] of cases) {
    it(title, () => assert.equal(whoComes({ leases: new Map(leases), node, container: 'own', since }), expected));
  }

  it('is unknown outside of a container', () => {
    assert.equal(whoComes({ leases: new Map([['reconciler.local.place-null', lease('new')]]), node, container: null, since }), 'unknown');
  });
});
