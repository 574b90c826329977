import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { owe } from '@kedge/shared/bus';
import { EndpointsEntry, ProxySettingsEntry, proxySettingsKey } from '@kedge/shared/contracts';
import { startTestBus, type TestBus } from '@kedge/shared/testing';
import { endpoints } from '../testing/endpoints.ts';
import { createEndpointsSource } from './bus-endpoints.ts';

describe('the endpoints on the bus', () => {
  let testBus: TestBus;

  before(async () => {
    testBus = await startTestBus();
  });
  after(async () => await testBus.close());

  it('are read with their revisions, the settings, and what is still to be said', async () => {
    const reconciler = await testBus.connect('reconciler');
    const source = createEndpointsSource(await testBus.connect('proxy'));
    const empty = await source.read();
    assert.deepEqual([[...empty.services], empty.settings, empty.settling], [[], {}, false]);

    const entries = reconciler.bucket('endpoints', EndpointsEntry);
    const web = endpoints('web', [{ id: 'c1', port: 80 }]);
    const written = await entries.create('local.web', web);
    assert.ok(written);
    await entries.create('far.web', { ...web, node: 'far' } as EndpointsEntry);
    await reconciler
      .bucket('endpoints', ProxySettingsEntry)
      .create(proxySettingsKey(reconciler.node), { node: reconciler.node, settings: { enabled: false } });
    const found = await source.read();
    const revision = await entries.globalRevision(written);
    assert.deepEqual([...found.services], [['web', { entry: web, revision }]]);
    assert.ok(revision.startsWith(`${found.epoch}.`));
    assert.deepEqual([found.settings, found.settling, [...found.unreadable]], [{ enabled: false }, false, []]);

    const owes = [owe('routes.changed', { revision, ready: 1, draining: 0 }, { service: web.service, now: new Date() })];
    assert.ok(await entries.update('local.web', { ...web, owes }, written));
    assert.equal((await source.read()).settling, true);
  });
});
