import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReleaseName } from '@kedge/shared/contracts';
import { endpoints } from '../testing/endpoints.ts';
import { compileBalancing } from './compile-balancing.ts';

const release = ReleaseName.parse(`v1:${'0'.repeat(64)}`);

function compiled(
  balancing: Parameters<typeof compileBalancing>[0]['balancing'],
  shares: readonly { release: ReleaseName; weight: number }[] = [],
) {
  return compileBalancing({ ...endpoints('web', [{ id: 'c1', port: 80 }]), balancing, shares: [...shares] });
}

describe('how the requests of a service are spread', () => {
  it('is nothing to look at where targets take turns', () => {
    assert.equal(compiled(undefined), null);
    assert.equal(compiled({}), null);
    assert.equal(compiled({ balance: 'round-robin' }), null);
    assert.equal(compiled({ balance: 'of-a-later-version' }), null);
  });

  const keys: readonly (readonly [text: string | undefined, key: ReturnType<typeof hashKey>])[] = [
    [undefined, { kind: 'client-ip' }],
    ['client-ip', { kind: 'client-ip' }],
    ['header:X-Tenant', { kind: 'header', name: 'x-tenant' }],
    ['cookie:Tenant', { kind: 'cookie', name: 'Tenant' }],
    ['header:', null],
    ['cookie', null],
    ['of-a-later-version:x', null],
  ];
  for (const [text, key] of keys)
    it(`hashes ${key === null ? 'nothing' : JSON.stringify(key)} for ${text}`, () => assert.deepEqual(hashKey(text), key));

  it('does without a hash that only another balance would ask for', () => {
    assert.equal(compiled({ balance: 'round-robin', hash_by: 'header:x' }), null);
  });

  it('has each of its parts by itself', () => {
    const eject = { failures: 3, base_ms: 10, max_ms: 20, panic: 50 };
    assert.deepEqual(compiled({ eject })?.eject, { failures: 3, baseMs: 10, maxMs: 20, panicPercent: 50 });
    assert.equal(compiled({ balance: 'least-requests' })?.leastRequests, true);
    assert.equal(compiled({ sticky: { cookie: 'mine' } })?.sticky?.name, 'mine');
    assert.deepEqual(compiled({ limit: { concurrent: 2, queue: 3, timeout_ms: 4 } })?.limit?.concurrent, 2);
    assert.deepEqual([...(compiled({}, [{ release, weight: 5 }])?.shares ?? [])], [[release, 5]]);
  });
});

function hashKey(text: string | undefined) {
  return compiled({ balance: 'hash', ...(text !== undefined && { hash_by: text }) })?.hashKey ?? null;
}
