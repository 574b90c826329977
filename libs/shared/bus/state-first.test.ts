import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DataOf, Digest, type ImageEntry, ImageReference, type OwedEvent, ServiceName } from '../contracts/index.ts';
import type { Bus, Entry } from './bus.ts';
import { owe, sayOwed, sayWhatIsOwed, writeThenSay } from './state-first.ts';
import { createMemoryBucket } from './testing/memory-bucket.ts';

const reference = ImageReference.parse('app:1');
const digest = Digest.parse(`sha256:${'a'.repeat(64)}`);
const service = ServiceName.parse('web');
const now = new Date('2026-01-02T03:04:05.678Z');
const updated: DataOf<'image.updated'> = { reference, digest, platformDigest: digest, previous: null, services: [service] };
const value: ImageEntry = { reference, accepted: null, state: 'present' };

/** A bus that notes what is said on it, and can be away. */
function stage() {
  const said: { readonly subject: string; readonly id: string | undefined; readonly service: string | undefined }[] = [];
  const world = { away: false };
  const bucket = createMemoryBucket<ImageEntry>({ name: 'images' });
  const publish: Bus['publish'] = async (subject, _data, { id, service: of } = {}) => {
    if (world.away) throw new Error('the bus is away');
    said.push({ subject, id, service: of });
  };
  const store = { bus: { publish }, bucket };
  const owing = (...owes: readonly OwedEvent[]): ImageEntry => ({ ...value, owes: [...owes] });
  const stored = async (key: string): Promise<Entry<ImageEntry>> => {
    const entry = await bucket.get(key);
    assert.ok(entry);
    return entry;
  };
  return { ...store, store, said, world, owing, stored };
}

describe('an event that a value owes', () => {
  it('has the time at which it became true, and no field for what is not known', () => {
    assert.deepEqual(owe('image.updated', updated, { now, actor: undefined, causationid: 'c-1' }), {
      subject: 'image.updated',
      time: now.toISOString(),
      causationid: 'c-1',
      data: updated,
    });
    assert.equal(owe('image.updated', updated, { now, service }).service, service);
  });
});

describe('state first', () => {
  it('writes, says what the value owes under the revision that owed it, and then owes nothing', async () => {
    const { store, said, owing, stored } = stage();
    const owes = owe('image.updated', updated, { now, service });
    const entry = await writeThenSay({ ...store, key: 'app', previous: null, value: owing(owes) });
    assert.deepEqual(said, [{ subject: 'image.updated', id: 'image.updated/app/1', service }]);
    assert.deepEqual(entry?.value, value);
    assert.deepEqual([(await stored('app')).revision, (await stored('app')).value], [entry?.revision, value]);
  });

  it('numbers the second of two events with the same subject', async () => {
    const { store, said, owing } = stage();
    const two = [owe('image.updated', updated, { now }), owe('image.updated', { ...updated, previous: digest }, { now })];
    await writeThenSay({ ...store, key: 'app', previous: null, value: owing(...two) });
    assert.deepEqual(
      said.map(({ id }) => id),
      ['image.updated/app/1', 'image.updated/app/1/1'],
    );
  });

  it('says nothing when somebody else wrote first', async () => {
    const { store, bucket, said, owing, stored } = stage();
    bucket.overwrite('app', value);
    const owes = owe('image.updated', updated, { now });
    assert.equal(await writeThenSay({ ...store, key: 'app', previous: null, value: owing(owes) }), null);
    const before = await stored('app');
    bucket.overwrite('app', { ...value, state: 'absent' });
    assert.equal(await writeThenSay({ ...store, key: 'app', previous: before, value: owing(owes) }), null);
    assert.deepEqual(said, []);
    assert.equal((await stored('app')).value.state, 'absent');
  });

  it('keeps the debt while it cannot be said, and says it at the next start with the same id', async () => {
    const { bus, store, bucket, world, said, owing, stored } = stage();
    world.away = true;
    const owes = owe('image.updated', updated, { now });
    await assert.rejects(writeThenSay({ ...store, key: 'app', previous: null, value: owing(owes) }), /away/);
    assert.equal((await stored('app')).value.owes?.length, 1);

    world.away = false;
    await sayWhatIsOwed(bus, bucket);
    assert.deepEqual(
      said.map(({ id }) => id),
      ['image.updated/app/1'],
    );
    await sayWhatIsOwed(bus, bucket);
    assert.equal(said.length, 1);
  });

  it('leaves alone what somebody else wrote while the debt was being said, and gives that back', async () => {
    const { store, bucket, owing, stored } = stage();
    bucket.overwrite('app', owing(owe('image.updated', updated, { now })));
    const entry = await stored('app');
    const meanwhile = { ...value, state: 'absent' } as const;
    const bus = { publish: async () => bucket.overwrite('app', meanwhile) };
    const paid = await sayOwed({ ...store, bus, entry });
    assert.deepEqual(paid.value, meanwhile);
    assert.deepEqual((await stored('app')).value, meanwhile);
  });

  it('writes nothing where nothing is owed', async () => {
    const { store, bucket, stored } = stage();
    bucket.overwrite('app', value);
    const entry = await stored('app');
    assert.equal(await sayOwed({ ...store, entry }), entry);
    assert.equal((await stored('app')).revision, entry.revision);
  });
});
