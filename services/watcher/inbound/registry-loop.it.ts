import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { buckets, ImageEntry, ImageReference, imageKey, LeaseEntry, ServiceName } from '@kedge/shared/contracts';
import { type ComponentProcess, silentLog, startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import { systemClock } from '../adapters/system-clock.ts';
import { createApplyConfiguration } from '../apply-configuration.ts';
import { ownerOf } from '../core/images/rendezvous.ts';
import type { Look } from '../look-at-image.ts';
import { countingBus } from '../testing/counting-bus.ts';
import { imageManifest } from '../testing/fake-registry.ts';
import { invalid, valid } from '../testing/judged.ts';
import { type Stage, startWatcherRig, type WatcherRig } from '../testing/watcher-rig.ts';
import { type RegistryLoop, startRegistryLoop } from './registry-loop.ts';

describe('registries, watched by processes', () => {
  let rig: WatcherRig;
  let stage: Stage;
  before(async () => {
    rig = await startWatcherRig();
  });
  after(async () => await rig?.close());
  beforeEach(async () => {
    stage = await rig.stage();
  });
  afterEach(async () => await stage.close());

  const push = (name: string, content: string) => rig.registry.put(`${stage.prefix}/${name}`, imageManifest(content), 'latest');
  const declare = async (names: readonly string[], edit = (text: string) => text) =>
    await stage.write({
      'kedge.toml': stage.main(...names),
      ...Object.fromEntries(names.map((name) => [`${name}/service.toml`, edit(stage.service(name))])),
    });
  const accepted = async (name: string) => (await stage.imageEntry(name))?.accepted?.digest;

  it('says trouble once when it begins and once when it ends, keeps what it had, and counts', async () => {
    const digest = push('web', 'x');
    await declare(['web']);
    const watcher = await stage.start();
    await waitUntil(async () => (await accepted('web')) === digest);
    rig.registry.intercept = ({ url = '' }, response) => url.includes(stage.prefix) && Boolean(response.writeHead(500).end());
    await waitUntil(() => stage.heard('registry.unreachable').length === 1);
    const before = stage.asked().length;
    await waitUntil(() => stage.asked().length >= before + 2, { timeoutMs: 15_000 });
    assert.equal(stage.heard('registry.unreachable').length, 1);
    assert.deepEqual([(await stage.imageEntry('web'))?.state, await accepted('web')], ['unreachable', digest]);

    const inTrouble = await rig.cli.request('watcher.check', {}, { timeoutMs: 10_000 });
    const { trouble } = (await stage.imageEntry('web')) ?? {};
    assert.equal(trouble?.code, 'REGISTRY_ERROR');
    assert.deepEqual(inTrouble.checked, [{ reference: stage.image('web'), state: 'unreachable', digest, trouble }]);
    assert.match(stage.heard('registry.unreachable')[0]?.message ?? '', new RegExp(`^${stage.image('web')} could not be looked at: `));

    rig.registry.intercept = null;
    const { checked } = await rig.cli.request('watcher.check', { service: ServiceName.parse('web') }, { timeoutMs: 10_000 });
    assert.deepEqual(checked, [{ reference: stage.image('web'), state: 'present', digest }]);
    await waitUntil(() => stage.heard('registry.recovered').length === 1);
    const { body } = await watcher.get('/metrics');
    assert.match(body, new RegExp(`kedge_registry_requests_total\\{registry="${rig.registry.host}",outcome="error"\\} [1-9]`));
    assert.match(body, /kedge_config_revisions_total\{outcome="applied"\} 1/);
    assert.match(body, /kedge_images_watched [1-9]/);
  });

  it('uses the credentials that secrets hand out, and never shows them', async () => {
    const digest = push('web', 'private');
    rig.secrets.credentials = { username: 'user', password: 'c4nary' };
    const authorization = `Basic ${Buffer.from('user:c4nary').toString('base64')}`;
    rig.registry.intercept = ({ url = '', headers }, response) =>
      url.includes(stage.prefix) &&
      headers.authorization !== authorization &&
      Boolean(response.writeHead(401, { 'www-authenticate': 'Basic' }).end());
    await declare(['web']);
    const watcher = await stage.start();
    await waitUntil(async () => (await accepted('web')) === digest);
    assert.ok(!watcher.output().includes('c4nary') && !watcher.output().includes(authorization));
  });

  it('resolves an image that nobody watches once, and again when asked', async () => {
    const first = push('web', 'one');
    await declare(['web'], (text) => text.replace('watch = true', 'watch = false'));
    await stage.start();
    await waitUntil(async () => (await accepted('web')) === first);
    const looks = stage.asked().length;
    const second = push('web', 'two');
    await stage.write({ 'kedge.toml': `${stage.main('web')}[proxy]\nenabled = false\n` });
    await waitUntil(() => stage.heard('config.changed').length === 2);
    assert.deepEqual([stage.asked().length, await accepted('web')], [looks, first]);
    await rig.cli.request('watcher.check', { reference: stage.image('web') }, { timeoutMs: 10_000 });
    assert.equal(await accepted('web'), second);
    await assert.rejects(rig.cli.request('watcher.check', { service: ServiceName.parse('none') }), { code: 'IMAGE_NOT_DECLARED' });
  });

  /** Leaves requests for an image without an answer until `answer` gives the digest to all of them. */
  function hold(name: string) {
    const held: ServerResponse[] = [];
    rig.registry.intercept = ({ url = '' }, response) => url.includes(`${stage.prefix}/${name}/`) && held.push(response) > 0;
    const answer = (digest: string) => {
      rig.registry.intercept = null;
      for (const response of held) response.writeHead(200, { 'docker-content-digest': digest }).end();
    };
    return { held, answer };
  }

  const check = async (names: { readonly service?: ServiceName } = {}) =>
    await rig.cli.request('watcher.check', names, { timeoutMs: 9_000 });
  const unwatched = (name: string) => (text: string) =>
    text.includes(`name = "${name}"`) ? text.replace('watch = true', 'watch = false') : text;

  it('asks once for an image, however many want to know at the same time', async () => {
    const digest = push('web', 'x');
    push('api', 'one');
    await declare(['web', 'api'], unwatched('api'));
    await stage.start();
    await waitUntil(async () => (await accepted('web')) === digest && (await accepted('api')) !== undefined);
    const { held, answer } = hold('web');
    await waitUntil(() => held.length === 1, { what: 'a planned look' });
    const checks: ReturnType<typeof check>[] = [];
    for (const content of ['two', 'three']) {
      const moved = push('api', content);
      // Only a check asks for this one: by the time it is accepted, the other was reached as well. It may share a look that began before.
      const isReached = async () => {
        checks.push(check());
        return (await accepted('api')) === moved;
      };
      await waitUntil(isReached, { what: 'the check under way' });
    }
    assert.equal(held.length, 1);
    answer(digest);
    for (const { checked } of await Promise.all(checks)) {
      assert.deepEqual(
        checked.find(({ reference }) => reference === stage.image('web')),
        { reference: stage.image('web'), state: 'present', digest },
      );
    }
  });

  it('plans no look at an image while a check looks at it, and one afterwards', async () => {
    const digest = push('web', 'x');
    const api = push('api', 'x');
    await declare(['web'], unwatched('web'));
    await stage.start();
    await waitUntil(async () => (await accepted('web')) === digest);
    const { held, answer } = hold('web');
    const checking = check({ service: ServiceName.parse('web') });
    await waitUntil(() => held.length === 1, { what: 'the look of the check' });
    await declare(['web', 'api']);
    await waitUntil(async () => (await accepted('api')) === api, { what: 'looks planned anew' });
    assert.equal(held.length, 1);
    const before = stage.asked().length;
    answer(digest);
    assert.equal((await checking).checked.length, 1);
    const webAsked = () =>
      stage
        .asked()
        .slice(before)
        .filter((path) => path.includes('/web/')).length;
    await waitUntil(() => webAsked() > 0, { what: 'the planned look' });
  });

  it('forgets an image that nobody declares any more', async () => {
    push('web', 'x');
    push('api', 'x');
    await declare(['web', 'api']);
    const watcher = await stage.start();
    await waitUntil(async () => (await accepted('api')) !== undefined);
    await declare(['web']);
    await stage.inForce('web');
    await waitUntil(async () => {
      watcher.send('SIGHUP');
      return (await stage.imageEntry('api')) === null;
    });
    assert.notEqual(await accepted('web'), undefined);
  });

  it('is shared with a second watcher, which is missed when it leaves', async () => {
    // So many that chance gives each of both some.
    const names = Array.from({ length: 16 }, (_, index) => `app${index}`);
    for (const name of names) push(name, name);
    await declare(names);
    const first = await stage.start('first');
    await stage.inForce(...names);
    const second = await stage.start('second');
    const members = ['first', 'second'].map((instance) => `watcher.${stage.node}.member-${instance}`);
    const leases = rig.reader.bucket('leases', LeaseEntry);
    await waitUntil(async () => [...(await leases.readEverything()).keys()].toSorted().join() === members.join(), {
      what: 'two members and no other',
    });
    const [mine = [], others = []] = members.map((member) => names.filter((name) => ownerOf(stage.image(name), members) === member));
    assert.ok(mine.length > 0 && others.length > 0, 'both have something to do');

    const looked = (watcher: ComponentProcess) => {
      const lines = watcher.output().split('\n');
      const looks = lines.filter((line) => line.includes('"image looked at"'));
      return looks.flatMap((line) => names.filter((name) => line.includes(`"${stage.image(name)}"`)));
    };
    /** Its looks of about three rounds are at all of these, and at no other. */
    const looksAt = (watcher: ComponentProcess, wanted: readonly string[]) => {
      const last = looked(watcher).slice(-3 * wanted.length);
      return last.length === 3 * wanted.length && [...new Set(last)].toSorted().join() === wanted.toSorted().join();
    };
    await waitUntil(() => looksAt(first, mine) && looksAt(second, others), { timeoutMs: 30_000, what: 'each looks at its own' });

    assert.equal(await second.stop('SIGTERM'), 0);
    await waitUntil(() => looksAt(first, names), { timeoutMs: 30_000, what: 'all images looked at by the first' });
  });
});

describe('the plan of looks, on a real bus', () => {
  const failed: Look = { end: 'failed', reason: 'trouble', entry: null, trouble: null, afterMs: 600_000 };
  let testBus: TestBus;
  let bus: Bus;
  let loop: RegistryLoop | undefined;
  let answer: Look;
  /** Failures that each look was told about. */
  let looks: number[];
  let watched: ReturnType<typeof countingBus>;
  let rounds: number;
  const pauses = new Map<string, number>();
  const image = ImageReference.parse('registry.example.com/web');

  before(async () => {
    testBus = await startTestBus();
    bus = await testBus.connect('watcher');
    await createApplyConfiguration({ bus, clock: systemClock }).apply(valid({ web: image }));
  });
  after(async () => await testBus?.close());
  beforeEach(() => {
    [answer, looks, rounds] = [failed, [], 0];
    pauses.clear();
    watched = countingBus(bus);
    loop = startRegistryLoop({
      bus: watched.bus,
      lookAtImage: async ({ failures }) => {
        looks.push(failures);
        return answer;
      },
      registry: { pauseFor: (host, ms) => void pauses.set(host, ms) },
      members: { self: 'one', list: async () => ['one'], onChange: () => undefined, close: async () => undefined },
      clock: systemClock,
      watching: () => undefined,
      log: silentLog(),
      ready: () => {
        rounds += 1;
      },
    });
  });
  afterEach(async () => await loop?.close());

  it('leaves a registry alone that asked somebody else, or an earlier life, for a pause', async () => {
    const reference = ImageReference.parse('paused.example.com/web');
    const retryAt = new Date(Date.now() + 600_000).toISOString();
    const trouble = { code: 'REGISTRY_RATE_LIMITED', message: 'paused', since: new Date().toISOString(), retryAt };
    await bus.bucket('images', ImageEntry).create(imageKey(reference), { reference, accepted: null, state: 'unreachable', trouble });
    loop?.resync();
    const pause = await waitUntil(() => pauses.get('paused.example.com'));
    assert.ok(pause > 0 && pause <= 600_000, `${pause} ms`);
    assert.deepEqual([...pauses.keys()], ['paused.example.com']);
  });

  it('begins again soon when another member was answered', async () => {
    await waitUntil(() => looks.length === 1, { what: 'the planned look that fails' });
    await bus.bucket('images', ImageEntry).create(imageKey(image), { reference: image, accepted: null, state: 'present' });
    loop?.wake();
    await waitUntil(() => looks.length === 2, { what: 'a look although the next one was far away' });
  });

  it('reads after a change what changed, and everything when that is asked for', async () => {
    answer = { end: 'answered', reason: 'unchanged', entry: null, trouble: null, afterMs: 600_000 };
    await waitUntil(() => looks.length === 1 && rounds === 1, { what: 'the first round' });
    const whole = watched.wholeReads();
    watched.keysRead();
    await createApplyConfiguration({ bus, clock: systemClock }).apply(valid({ web: image, api: 'registry.example.com/api' }));
    loop?.wake();
    await waitUntil(() => looks.length === 2 && rounds === 2, { what: 'a look at the new image' });
    const images = [image, ImageReference.parse('registry.example.com/api')].map((each) => imageKey(each));
    assert.deepEqual([watched.keysRead(), watched.wholeReads()], [['local._config', 'local.api', ...images].toSorted(), whole]);
    loop?.resync();
    await waitUntil(() => watched.wholeReads() > whole, { what: 'everything read' });
  });

  it('keeps what it knows of images where the configuration is lost and the one on disk is rejected', async () => {
    const services = bus.bucket('services', buckets.services.value);
    for (const { key, revision } of (await services.readEverything()).values()) await services.delete(key, revision);
    await createApplyConfiguration({ bus, clock: systemClock }).apply(invalid('bad'));
    for (let round = 1; round <= 3; round += 1) {
      const before = rounds;
      loop?.resync();
      await waitUntil(() => rounds > before, { what: `whole round ${round}` });
    }
    assert.ok(await bus.bucket('images', ImageEntry).get(imageKey(image)));
  });
});
