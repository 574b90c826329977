import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { EndpointsEntry, ProxyRecord } from '@kedge/shared/contracts';
import { startTestBus, waitUntil } from '@kedge/shared/testing';
import { endpoints } from './testing/endpoints.ts';
import { ask } from './testing/http-client.ts';
import { startHttpUpstream } from './testing/http-upstream.ts';

/** The proxy as a process of its own, with what its log says about ports. */
async function startProcess(
  t: TestContext,
  environment: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; port: () => number; healthPort: () => number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { PATH: process.env.PATH, KEDGE_HEALTH_PORT: '0', KEDGE_HTTP_HOST: '127.0.0.1', KEDGE_HTTP_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let port = 0;
  let healthPort = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as { readonly msg?: string; readonly port?: number; readonly healthPort?: number };
    if (said.msg === 'listening') port = said.port ?? 0;
    if (said.msg === 'started') healthPort = said.healthPort ?? 0;
  });
  await waitUntil(() => port > 0 && healthPort > 0, { timeoutMs: 60_000 });
  return { child, port: () => port, healthPort: () => healthPort };
}

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

    const first = await startProcess(t, environment);
    const patient = { timeoutMs: 60_000 };
    await waitUntil(async () => (await ask({ port: first.port() })).body === 'hello', patient);
    await waitUntil(async () => (await fetch(`http://127.0.0.1:${first.healthPort()}/readyz`)).ok, patient);
    const records = reconciler.bucket('proxies', ProxyRecord);
    await waitUntil(async () => 'web' in ((await records.get('local.process'))?.value.applied ?? {}), patient);
    first.child.kill('SIGTERM');
    const [code] = await once(first.child, 'exit');
    assert.equal(code, 0);
    assert.equal((await records.get('local.process'))?.value.goodbye, true);

    await reconciler.close();
    await testBus.container.stop();
    const second = await startProcess(t, environment);
    assert.equal((await ask({ port: second.port() })).body, 'hello');
    const ready = await fetch(`http://127.0.0.1:${second.healthPort()}/readyz`);
    assert.equal(ready.status, 200, await ready.text());
    second.child.kill('SIGTERM');
    const [secondCode] = await once(second.child, 'exit');
    assert.equal(secondCode, 0);
  });
});
