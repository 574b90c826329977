import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { LeaseEntry } from '@kedge/shared/contracts';
import { startComponentProcess, waitUntil } from '@kedge/shared/testing';
import { imageManifest } from './testing/fake-registry.ts';
import { type Stage, startWatcherRig, type WatcherRig } from './testing/watcher-rig.ts';

describe('the watcher as a process', () => {
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

  const isReady = async (watcher: Awaited<ReturnType<Stage['start']>>) => (await watcher.get('/readyz')).status === 200;

  it('puts a configuration in force, accepts its images, says so, and follows them', async () => {
    const first = rig.registry.put(`${stage.prefix}/web`, imageManifest('web-1'), 'latest');
    await stage.write({ 'kedge.toml': stage.main('web'), 'web/service.toml': stage.service('web') });
    const watcher = await stage.start();
    await stage.inForce('web');
    const [wish, manifest] = [await stage.entry('web'), await stage.manifest()];
    assert.deepEqual([wish?.path, wish?.hash, manifest?.entry, manifest?.delay], ['web', manifest?.services.web, 'kedge.toml', 1]);
    await waitUntil(async () => (await stage.imageEntry('web'))?.accepted?.digest === first);
    await waitUntil(async () => await isReady(watcher));

    const second = rig.registry.put(`${stage.prefix}/web`, imageManifest('web-2'), 'latest');
    await waitUntil(() => stage.heard('image.updated').length === 2);
    assert.deepEqual(
      stage.heard('image.updated').map(({ digest, previous, services }) => [digest, previous, services]),
      [
        [first, null, ['web']],
        [second, first, ['web']],
      ],
    );
    assert.deepEqual(
      stage.heard('config.changed').map(({ added, changed, removed }) => [added, changed, removed]),
      [[['web'], [], []]],
    );
  });

  it('comes to the right end although it is killed again and again, and says each fact once', async () => {
    await stage.write({ 'kedge.toml': stage.main('web'), 'web/service.toml': stage.service('web') });
    const digests: string[] = [];
    const declares = async (count: number) => Object.keys((await stage.manifest())?.services ?? {}).length === count;
    // The moment of death moves through start, writing and looking.
    const moments: readonly (() => Promise<boolean> | boolean)[] = [
      () => true,
      async () => (await stage.entry('api')) !== null,
      async () => await declares(1),
      async () => (await stage.imageEntry('api')) !== null,
      async () => (await stage.imageEntry('web'))?.accepted?.digest === digests.at(-1),
    ];
    for (let round = 0; round < 5; round += 1) {
      digests.push(rig.registry.put(`${stage.prefix}/web`, imageManifest(`round ${round}`), 'latest'));
      const watcher = await stage.start();
      await stage.write({
        'kedge.toml': stage.main('web', ...(round % 2 === 0 ? [] : ['api'])),
        'api/service.toml': stage.service('api', `user = "${round}"`),
      });
      await waitUntil(moments[round] ?? (() => true));
      await watcher.stop('SIGKILL');
    }
    await stage.start();
    await stage.inForce('web');
    await waitUntil(async () => (await stage.imageEntry('web'))?.accepted?.digest === digests.at(-1));
    await waitUntil(async () => (await stage.entry('api')) === null && (await stage.manifest())?.owes === undefined);
    const said = (): readonly string[] =>
      stage.heard('image.updated').flatMap(({ reference, digest }) => (reference === stage.image('web') ? [digest] : []));
    // What is known is written before it is said.
    await waitUntil(() => said().includes(digests.at(-1) ?? ''));
    assert.deepEqual(
      said(),
      digests.filter((digest) => said().includes(digest)),
    );
    assert.equal(said().at(-1), digests.at(-1));
  });

  it('holds what another folder would remove, as if the files had been edited, until somebody says yes', async () => {
    const services = (within: string, names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [join(within, name, 'service.toml'), stage.service(name)]));
    await stage.write({ 'one/kedge.toml': stage.main('web', 'api'), ...services('one', ['web', 'api']) });
    // The same path in another folder is no sign of a new name.
    await stage.write({ 'two/kedge.toml': stage.main('web', 'mail', 'db'), ...services('two', ['mail', 'db']) });
    await stage.write({ 'two/web/service.toml': stage.service('shop') });
    const first = await stage.start('first', 'one');
    await stage.inForce('web', 'api');
    await first.stop('SIGTERM');

    const second = await stage.start('second', 'two');
    await waitUntil(() => stage.heard('config.rejected').length === 1);
    await waitUntil(async () => await isReady(second));
    assert.deepEqual(
      stage.heard('config.rejected').map(({ reason, removes }) => [reason, removes]),
      [['mass-removal', ['web', 'api']]],
    );
    assert.deepEqual(Object.keys((await stage.manifest())?.services ?? {}), ['web', 'api']);
    assert.deepEqual([(await stage.entry('web'))?.path, await stage.entry('shop')], ['web', null]);

    const { held } = (await stage.manifest()) ?? {};
    const agreed = await rig.cli.request('config.validate', { apply: true, revision: held?.revision }, { timeoutMs: 10_000 });
    assert.deepEqual([agreed.ok, agreed.services], [true, ['shop', 'mail', 'db']]);
    await stage.inForce('shop', 'mail', 'db');
    await waitUntil(async () => (await stage.entry('web')) === null);
  });

  it('changes nothing while secrets are away, says so in its readiness, and goes on when they are back', async () => {
    await stage.write({ 'kedge.toml': stage.main('web'), 'web/service.toml': stage.service('web') });
    const watcher = await stage.start();
    await stage.inForce('web');
    const bringBack = await rig.loseSecrets();
    await stage.write({ 'kedge.toml': stage.main('web', 'api'), 'api/service.toml': stage.service('api') });
    // Right after its start it may be unready for another reason.
    await waitUntil(async () => (await watcher.get('/readyz')).body.includes('could not be rendered'));
    assert.equal((await watcher.get('/readyz')).status, 503);
    assert.deepEqual(Object.keys((await stage.manifest())?.services ?? {}), ['web']);
    assert.deepEqual(stage.heard('config.rejected'), []);
    await bringBack();
    await stage.inForce('web', 'api');
    await waitUntil(async () => await isReady(watcher));
    const lines = watcher.output().split('\n');
    assert.equal(lines.filter((line) => line.includes('configuration not read')).length, 1);
  });

  it('leaves at once on SIGTERM and gives its lease back', async () => {
    await stage.write({ 'kedge.toml': stage.main('web'), 'web/service.toml': stage.service('web') });
    const watcher = await stage.start('leaving');
    await waitUntil(async () => (await stage.imageEntry('web'))?.state === 'absent');
    const lease = async () => await rig.reader.bucket('leases', LeaseEntry).get(`watcher.${stage.node}.member-leaving`);
    await waitUntil(lease);
    assert.equal(await watcher.stop('SIGTERM'), 0);
    assert.equal(await lease(), null);
  });

  it('does not start with settings that cannot work, and says which', async () => {
    const main = new URL('main.ts', import.meta.url);
    await assert.rejects(startComponentProcess({ main, environment: { KEDGE_NODE: 'no.dots' } }), /KEDGE_NODE: a node name has/);
  });

  it('leaves a registry alone that asked for a pause, also after a restart, and as the second of two', async () => {
    rig.registry.put(`${stage.prefix}/web`, imageManifest('web'), 'latest');
    rig.registry.intercept = ({ url = '' }, response) =>
      url.includes(stage.prefix) && Boolean(response.writeHead(429, { 'retry-after': '600' }).end());
    await stage.write({ 'kedge.toml': stage.main('web'), 'web/service.toml': stage.service('web') });
    const first = await stage.start('first');
    const trouble = await waitUntil(async () => (await stage.imageEntry('web'))?.trouble);
    assert.ok(Date.parse(trouble.retryAt ?? '') > Date.now() + 500_000);
    const asked = stage.asked().length;

    await stage.start('second');
    await first.stop('SIGTERM');
    await stage.start('third');
    rig.registry.intercept = null;
    for (let check = 0; check < 4; check += 1) {
      const { checked } = await rig.cli.request('watcher.check', { reference: stage.image('web') }, { timeoutMs: 10_000 });
      assert.deepEqual(checked, [{ reference: stage.image('web'), state: 'unreachable', digest: null, trouble }]);
    }
    assert.equal(stage.asked().length, asked);
  });
});
