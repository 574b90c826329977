import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { withHttpUpstream } from './testing/arrange.ts';
import { endpoints } from './testing/endpoints.ts';
import { ask, open } from './testing/http-client.ts';
import { startHttpUpstream } from './testing/http-upstream.ts';
import { askHttps } from './testing/https-client.ts';
import { startDataPlane } from './testing/start-data-plane.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

describe('the data plane', () => {
  it('listens before it knows any routes, and says so to who asks', async (t) => {
    const plane = await startDataPlane();
    t.after(() => plane.close());
    assert.equal((await ask({ port: plane.port })).status, 503);
  });

  it('serves what the table says from the moment that it is replaced', async (t) => {
    const { plane, upstream } = await withHttpUpstream(t, (_request, response) => response.end('hello'));
    assert.equal((await ask({ port: plane.port })).body, 'hello');
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { routes: [{ host: 'other.test', path: '/' }] })]);
    assert.deepEqual(
      [(await ask({ port: plane.port })).status, (await ask({ port: plane.port, host: 'other.test' })).body],
      [404, 'hello'],
    );
  });

  it('opens no door after a restart where the settings close them all, and is ready; enabled again it opens both', async (t) => {
    const https = { KEDGE_HTTPS_PORT: '0', KEDGE_CERTIFICATES: 'self-signed', KEDGE_STATE_DIR: await temporaryFolder() };
    const plane = await startDataPlane(https, 'served', { enabled: false });
    t.after(() => plane.close());
    assert.deepEqual([plane.listening.port(), plane.https?.port()], [null, null]);
    assert.deepEqual(Object.fromEntries(plane.states), { listener: true, https: true });
    plane.route([], { enabled: true });
    const port = await waitUntil(() => plane.listening.port());
    const httpsPort = await waitUntil(() => plane.https?.port());
    assert.deepEqual([(await ask({ port })).status, (await askHttps({ port: httpsPort })).status], [301, 404]);
    plane.route([], { enabled: false });
    await waitUntil(() => plane.listening.port() === null && plane.https?.port() === null);
    assert.deepEqual(Object.fromEntries(plane.states), { listener: true, https: true });
  });

  it('takes new clients while an endless answer lasts, when nobody comes in its place', async (t) => {
    const ends: (() => void)[] = [];
    const upstream = await startHttpUpstream((incoming, response) => {
      if (incoming.url !== '/events') return response.end('hello');
      response.write('data: 1\n\n');
      ends.push(() => response.end());
    });
    const plane = await startDataPlane({ KEDGE_DRAIN_TIMEOUT: '600s' }, 'nobody-comes');
    t.after(async () => {
      for (const end of ends) end();
      await plane.close();
      await upstream.close();
    });
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])]);
    const events = await open({ port: plane.port, path: '/events' });
    const closed = plane.listening.close();
    assert.equal((await ask({ port: plane.port })).body, 'hello');
    assert.equal(plane.listening.port(), plane.port, 'the door is open');
    for (const end of ends) end();
    events.resume();
    await closed;
    await assert.rejects(ask({ port: plane.port }), { code: 'ECONNREFUSED' });
  });

  it('lets go of idle connections to targets that the table names no longer', async (t) => {
    const { plane } = await withHttpUpstream(t, (_request, response) => response.end('hello'));
    await ask({ port: plane.port });
    const shown = async () => /^kedge_upstream_connections (\d+)$/m.exec(await plane.metrics.metrics())?.[1];
    assert.equal(await shown(), '1');
    plane.route([endpoints('web', [])]);
    await waitUntil(async () => (await shown()) === '0');
  });
});
