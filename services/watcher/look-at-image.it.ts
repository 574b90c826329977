import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { type CloudEvent, ImageEntry, ImageReference, imageKey } from '@kedge/shared/contracts';
import { startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import { createRegistryAccess } from './adapters/registry-access.ts';
import { createRegistryClient } from './adapters/registry-client.ts';
import { createRegistryExchange } from './adapters/registry-exchange.ts';
import type { DeclaredImage } from './core/images/declared-images.ts';
import { createLookAtImage, type Look } from './look-at-image.ts';
import { type FakeRegistry, imageIndex, imageManifest, startFakeRegistry } from './testing/fake-registry.ts';
import { Killed, mortalBus } from './testing/mortal-bus.ts';
import { createTestClock } from './testing/test-clock.ts';

const { signal } = new AbortController();

describe('looking at an image, with a real bus', () => {
  let testBus: TestBus;
  let bus: Bus;
  let fake: FakeRegistry;
  let repository: string;
  let image: DeclaredImage;
  let clock = createTestClock();
  let events: CloudEvent[] = [];
  let count = 0;

  before(async () => {
    testBus = await startTestBus();
    fake = await startFakeRegistry();
    bus = await testBus.connect('watcher');
    const cli = await testBus.connect('cli');
    cli.follow(['image.updated', 'image.rejected', 'registry.unreachable', 'registry.recovered'], (event) => {
      // What an earlier test caused may still arrive.
      if (JSON.stringify(event.data).includes(`/${repository}`)) events.push(event);
    });
  });
  after(async () => {
    await fake?.close();
    await testBus?.close();
  });
  beforeEach(fresh);

  /** An image that nobody has looked at. */
  function fresh(): void {
    count += 1;
    repository = `team/app-${count}-x`;
    image = { reference: ImageReference.parse(`${fake.host}/${repository}:1`), watched: true, expected: true, delay: 60, services: [] };
    clock = createTestClock();
    events = [];
    fake.intercept = null;
  }

  const client = (platform: string) => {
    const access = createRegistryAccess({ credentials: { find: async () => null, drop: () => undefined }, clock });
    return createRegistryClient({ exchange: createRegistryExchange({ access, clock, insecure: [], count: () => undefined }), platform });
  };
  const looker = (by = bus, platform = 'linux/amd64') => createLookAtImage({ bus: by, registry: client(platform), clock, platform });
  const look = async (by = looker(), of = image): Promise<Look> => await by({ image: of, failures: 0, signal });
  const entry = async (of = image) => (await bus.bucket('images', ImageEntry).get(imageKey(of.reference)))?.value ?? null;
  const subjects = () => [...new Map(events.map((event) => [event.id, event.type.replace('.v1', '')])).values()];
  const failing = (status: number, headers = {}) => {
    fake.intercept = (_request, response) => Boolean(response.writeHead(status, headers).end());
  };

  it('accepts what is pushed, v1 → v2 → v1, and says each once', async () => {
    const byLook = looker();
    const [first, second] = ['v1', 'v2'].map((seed) => fake.put(repository, imageManifest(`${count}${seed}`)));
    for (const [seed, reason] of [
      ['v1', 'accepted'],
      ['v1', 'unchanged'],
      ['v2', 'accepted'],
      ['v1', 'accepted'],
      ['v1', 'unchanged'],
    ] as const) {
      fake.put(repository, imageManifest(`${count}${seed}`), '1');
      assert.equal((await look(byLook)).reason, reason);
    }
    assert.equal((await entry())?.accepted?.digest, first);
    await waitUntil(() => events.length === 3);
    const data = events.map((event) => event.data as { readonly digest: string; readonly previous: string | null });
    assert.deepEqual(
      data.map(({ digest, previous }) => [digest, previous]),
      [
        [first, null],
        [second, first],
        [first, second],
      ],
    );
    assert.equal((await entry())?.owes, undefined);
  });

  it('asks with HEAD alone while nothing moves', async () => {
    fake.put(repository, imageManifest('x'), '1');
    const byLook = looker();
    await look(byLook);
    fake.requests.length = 0;
    await look(byLook);
    assert.deepEqual(
      fake.requests.map(({ method }) => method),
      ['HEAD'],
    );
  });

  it('does not roll for a new index around the same image', async () => {
    const amd = fake.put(repository, imageManifest('amd'));
    const accepted = fake.put(repository, imageIndex({ 'linux/amd64': amd }, 'first'), '1');
    await look();
    fake.put(repository, imageIndex({ 'linux/amd64': amd }, 'second'), '1');
    assert.deepEqual([(await look()).reason, (await look()).reason], ['rejected', 'unchanged']);
    assert.equal((await entry())?.accepted?.digest, accepted);
    await waitUntil(() => events.length === 2);
    assert.deepEqual(subjects(), ['image.updated', 'image.rejected']);
  });

  it('accepts what it had rejected once the platform is corrected, although the tag never moved', async () => {
    const amd = fake.put(repository, imageManifest('amd'));
    const index = fake.put(repository, imageIndex({ 'linux/amd64': amd }, 'first'), '1');
    assert.deepEqual([(await look(looker(bus, 'linux/arm64'))).reason, (await entry())?.accepted], ['rejected', null]);
    assert.deepEqual([(await look()).reason, (await entry())?.accepted?.digest, (await look()).reason], ['accepted', index, 'unchanged']);
    await waitUntil(() => events.length === 2);
    assert.deepEqual(subjects(), ['image.rejected', 'image.updated']);
  });

  it('keeps what it had while the registry is in trouble, and says when that begins and ends', async () => {
    const digest = fake.put(repository, imageManifest('x'), '1');
    await look();
    for (const status of [500, 502]) {
      failing(status);
      const { end, reason, entry: now } = await look();
      assert.deepEqual(
        [end, reason, now?.state, now?.trouble?.code, now?.accepted?.digest],
        ['failed', 'trouble', 'unreachable', 'REGISTRY_ERROR', digest],
      );
    }
    fake.intercept = null;
    assert.equal((await look()).entry?.state, 'present');
    await waitUntil(() => events.length === 3);
    assert.deepEqual(subjects(), ['image.updated', 'registry.unreachable', 'registry.recovered']);
  });

  it('keeps what it had when the tag is deleted', async () => {
    const digest = fake.put(repository, imageManifest('x'), '1');
    await look();
    fake.remove(repository, '1');
    const { end, entry: now } = await look();
    assert.deepEqual([end, now?.state, now?.accepted?.digest], ['absent', 'absent', digest]);
    assert.deepEqual(subjects(), ['image.updated']);
  });

  it('writes at once that nothing is known, so that a local image may serve', async () => {
    assert.equal((await look()).entry?.state, 'absent');
    assert.deepEqual(await entry(), { reference: image.reference, accepted: null, state: 'absent' });
  });

  it('tells why an answer is old, although nothing is recorded against the image', async () => {
    const byLook = looker();
    const calm: DeclaredImage = { ...image, reference: ImageReference.parse(`${fake.host}/${repository}:calm`) };
    fake.put(repository, imageManifest('x'), '1', 'calm');
    assert.equal((await look(byLook)).trouble, null);
    assert.equal((await look(byLook, calm)).trouble, null);
    failing(429, { 'retry-after': '120' });
    assert.equal((await look(byLook)).trouble?.code, 'REGISTRY_RATE_LIMITED');
    const paused = await look(byLook, calm);
    assert.deepEqual([paused.entry?.state, paused.entry?.trouble, paused.trouble?.code], ['present', undefined, 'REGISTRY_RATE_LIMITED']);
  });

  it('leaves a registry alone that asked for a pause', async () => {
    const byLook = looker();
    fake.put(repository, imageManifest('x'), '1');
    await look(byLook);
    failing(429, { 'retry-after': '120' });
    const limited = await look(byLook);
    assert.deepEqual([limited.entry?.trouble?.code, limited.afterMs], ['REGISTRY_RATE_LIMITED', 132_000]);
    fake.intercept = null;
    fake.requests.length = 0;
    clock.advance(100_000);
    assert.deepEqual([(await look(byLook)).reason, (await look(byLook)).afterMs, fake.requests.length], ['paused', 22_000, 0]);

    const other: DeclaredImage = { ...image, reference: ImageReference.parse(`${fake.host}/team/other-${count}`) };
    const unknown = await look(byLook, other);
    assert.deepEqual(
      [unknown.entry?.state, unknown.entry?.trouble?.code, fake.requests.length],
      ['unreachable', 'REGISTRY_RATE_LIMITED', 0],
    );
    clock.advance(21_000);
    assert.equal((await look(byLook)).entry?.state, 'present');
  });

  it('takes a pinned digest as it is, and looks up the image of the platform', async () => {
    const amd = fake.put(repository, imageManifest('amd'));
    const index = fake.put(repository, imageIndex({ 'linux/amd64': amd }));
    const pinned: DeclaredImage = { ...image, reference: ImageReference.parse(`${fake.host}/${repository}@${index}`) };
    failing(500);
    const { accepted } = (await look(looker(), pinned)).entry ?? {};
    assert.deepEqual([accepted?.digest, accepted?.platformDigest], [index, index]);
    fake.intercept = null;
    assert.equal((await look(looker(), pinned)).entry?.accepted?.platformDigest, amd);
  });

  it('never lets an older answer win over a newer one', async () => {
    fake.put(repository, imageManifest('old'), '1');
    const slow = looker();
    let newer: Promise<Look> | null = null;
    // While the first look reads the manifest of the old image, the new one is pushed and looked at by somebody else.
    fake.intercept = ({ method }, response) => {
      if (method !== 'GET' || newer) return false;
      fake.put(repository, imageManifest('new'), '1');
      newer = look();
      void newer.then(() => response.writeHead(200).end(JSON.stringify(imageManifest('old'))));
      return true;
    };
    await look(slow);
    const { entry: wanted } = await look();
    assert.equal((await entry())?.accepted?.digest, wanted?.accepted?.digest);
    await waitUntil(() => events.length > 0);
    assert.deepEqual(subjects(), ['image.updated']);
  });

  it("takes what is denied for the engine's own image while nobody follows it, and for trouble when somebody does", async () => {
    failing(403);
    const local = await look(looker(), { ...image, watched: false, expected: false });
    assert.deepEqual([local.reason, local.end, local.trouble?.code], ['absent', 'failed', 'REGISTRY_DENIED']);
    assert.equal((await entry())?.state, 'absent');
    assert.deepEqual(subjects(), []);
    await look();
    assert.equal((await entry())?.state, 'unreachable');
    await waitUntil(() => subjects().join() === 'registry.unreachable');
  });

  it('says once what two watchers see at the same time', async () => {
    fake.put(repository, imageManifest('x'), '1');
    const second = await testBus.connect('watcher');
    const reasons = (await Promise.all([look(), look(looker(second))])).map(({ reason }) => reason);
    assert.ok(reasons.includes('accepted'));
    await waitUntil(() => events.length > 0);
    await look();
    assert.deepEqual(subjects(), ['image.updated']);
  });

  it('heals a death at any call to the bus, before or after its effect, and says each fact once', async () => {
    const whole = mortalBus(bus, null);
    fake.put(repository, imageManifest('x'), '1');
    await look(looker(whole.bus));
    assert.equal(whole.calls(), 4);
    for (let call = 1; call <= whole.calls(); call += 1) {
      for (const effect of [false, true]) {
        fresh();
        const digest = fake.put(repository, imageManifest(`${count}`), '1');
        await assert.rejects(look(looker(mortalBus(bus, { call, effect }).bus)), Killed);
        await look();
        assert.deepEqual([(await entry())?.accepted?.digest, (await entry())?.owes], [digest, undefined]);
        await waitUntil(() => events.length > 0);
        assert.deepEqual(subjects(), ['image.updated'], `after a death at call ${call}`);
      }
    }
  });
});
