import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { Digest, ImageEntry, ImageReference, imageKey } from '@kedge/shared/contracts';
import { startTestBus, type TestBus } from '@kedge/shared/testing';
import { createKnownImagesReader } from './read-known-images.ts';
import { countingBus } from './testing/counting-bus.ts';

const digest = Digest.parse(`sha256:${'a'.repeat(64)}`);
const accepted = { digest, platformDigest: digest, acceptedAt: '2026-01-01T00:00:00.000Z' };

describe('what is known of images, read from a real bus', () => {
  let testBus: TestBus;
  let bus: Bus;
  let count = 0;
  let [aa, bb, cc] = [reference('aa'), reference('bb'), reference('cc')];
  before(async () => {
    testBus = await startTestBus();
    bus = await testBus.connect('watcher');
  });
  after(async () => await testBus?.close());
  beforeEach(() => {
    count += 1;
    [aa, bb, cc] = [reference('aa'), reference('bb'), reference('cc')];
  });

  function reference(name: string): ImageReference {
    return ImageReference.parse(`registry.example.com/t${count}/${name}`);
  }
  const put = async (entry: Omit<ImageEntry, 'state'> & { readonly state?: ImageEntry['state'] }) => {
    const images = bus.bucket('images', ImageEntry);
    const before = await images.get(imageKey(entry.reference));
    const value: ImageEntry = { state: 'present', ...entry };
    assert.ok(before ? await images.update(before.key, value, before.revision) : await images.create(imageKey(entry.reference), value));
  };
  const remove = async (image: ImageReference) => {
    const images = bus.bucket('images', ImageEntry);
    const entry = await images.get(imageKey(image));
    assert.ok(entry && (await images.delete(entry.key, entry.revision)));
  };

  it('is all of it when read afresh, and then what is declared and was not accepted, or is doubtful', async () => {
    for (const image of [aa, bb]) await put({ reference: image, accepted });
    const { bus: watched, wholeReads, keysRead } = countingBus(bus);
    const { read, forget } = createKnownImagesReader(watched);
    const first = await read({ afresh: true, declared: [aa], doubtful: [] });
    assert.deepEqual([first.has(aa), first.has(bb), wholeReads()], [true, true, 1]);

    await put({ reference: cc, accepted: null });
    await put({ reference: bb, accepted, state: 'unreachable' });
    const second = await read({ afresh: false, declared: [aa, cc], doubtful: [] });
    assert.deepEqual([second.get(bb)?.value.state, second.get(cc)?.value.accepted], ['present', null]);
    assert.deepEqual(keysRead(), [imageKey(cc)]);

    await put({ reference: cc, accepted });
    const third = await read({ afresh: false, declared: [aa, cc], doubtful: [bb] });
    assert.deepEqual([third.get(bb)?.value.state, third.get(cc)?.value.accepted], ['unreachable', accepted]);
    assert.deepEqual(keysRead(), [imageKey(bb), imageKey(cc)].toSorted());
    await read({ afresh: false, declared: [aa, cc], doubtful: [] });
    assert.deepEqual([keysRead(), wholeReads()], [[], 1]);

    await remove(aa);
    forget(aa);
    assert.equal((await read({ afresh: false, declared: [aa, cc], doubtful: [] })).has(aa), false);
    assert.deepEqual(keysRead(), [imageKey(aa)]);
  });

  it('forgets what is found to be gone', async () => {
    const { read } = createKnownImagesReader(bus);
    await put({ reference: aa, accepted });
    await read({ afresh: true, declared: [aa], doubtful: [] });
    await remove(aa);
    assert.equal((await read({ afresh: false, declared: [aa], doubtful: [aa] })).has(aa), false);
  });

  it('is read in whole where much is not known', async () => {
    const { bus: watched, wholeReads, keysRead } = countingBus(bus);
    const declared = Array.from({ length: 30 }, (_, index) => reference(`app${index}`));
    await createKnownImagesReader(watched).read({ afresh: false, declared, doubtful: [] });
    assert.deepEqual([wholeReads(), keysRead()], [1, []]);
  });
});
