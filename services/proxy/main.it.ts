import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { EndpointsEntry, ProxyRecord } from '@kedge/shared/contracts';
import { startTestBus, waitUntil } from '@kedge/shared/testing';
import { endpoints } from './testing/endpoints.ts';
import { ask } from './testing/http-client.ts';
import { startHttpUpstream } from './testing/http-upstream.ts';
import { startProcess } from './testing/start-process.ts';

describe('the process', () => {
  it('serves, says goodbye at SIGTERM, and serves the saved routes when it starts while the bus is away', async (t) => {
    const upstream = await startHttpUpstream((_request, response) => response.end('hello'));
    const folder = await mkdtemp(join(tmpdir(), 'kedge-proxy-'));
    const testBus = await startTestBus();
    t.after(async () => {
      await upstream.close();
      await rm(folder, { recursive: true });
      await testBus.close();
    });
    const environment = {
      KEDGE_BUS_URL: testBus.url,
      KEDGE_KEYS: testBus.keysFolder('proxy'),
      KEDGE_STATE_DIR: folder,
      KEDGE_INSTANCE: 'process',
    };
    const reconciler = await testBus.connect('reconciler');
    await reconciler.bucket('endpoints', EndpointsEntry).create('local.web', endpoints('web', [{ id: 'c1', port: upstream.port }]));

    const first = await startProcess(environment);
    t.after(async () => await first.end('SIGKILL'));
    const patient = { timeoutMs: 60_000 };
    await waitUntil(async () => (await ask({ port: first.port })).body === 'hello', patient);
    await waitUntil(async () => (await fetch(`http://127.0.0.1:${first.healthPort}/readyz`)).ok, patient);
    const records = reconciler.bucket('proxies', ProxyRecord);
    await waitUntil(async () => 'web' in ((await records.get('local.process'))?.value.applied ?? {}), patient);
    assert.equal(await first.end('SIGTERM'), 0);
    assert.equal((await records.get('local.process'))?.value.goodbye, true);

    await reconciler.close();
    await testBus.container.stop();
    const second = await startProcess(environment);
    t.after(async () => await second.end('SIGKILL'));
    assert.equal((await ask({ port: second.port })).body, 'hello');
    const ready = await fetch(`http://127.0.0.1:${second.healthPort}/readyz`);
    assert.equal(ready.status, 200, await ready.text());
    assert.equal(await second.end('SIGTERM'), 0);
  });
});
