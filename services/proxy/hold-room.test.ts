import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { endpoints } from './testing/endpoints.ts';
import { ask, open } from './testing/http-client.ts';
import { startHttpUpstream } from './testing/http-upstream.ts';
import { startDataPlane } from './testing/start-data-plane.ts';

describe('a service that is held', () => {
  const held = endpoints('web', [], { hold: true });

  it('keeps requests waiting until it has a target again', async (t) => {
    const upstream = await startHttpUpstream((incoming, response) => {
      incoming.pipe(response);
    });
    const plane = await startDataPlane();
    t.after(async () => {
      await plane.close();
      await upstream.close();
    });
    plane.route([held]);
    const answers = Array.from({ length: 5 }, async (_, index) => await ask({ port: plane.port, method: 'POST', body: `held ${index}` }));
    await waitUntil(async () => (await plane.metrics.metrics()).includes('kedge_open_requests{service="web"} 5'));
    plane.route([held]);
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])]);
    assert.deepEqual(
      (await Promise.all(answers)).map(({ body }) => body),
      [0, 1, 2, 3, 4].map((index) => `held ${index}`),
    );
  });

  it('lets them go with 503 when it takes too long, counted from their beginning', async (t) => {
    const plane = await startDataPlane({ KEDGE_HOLD_TIMEOUT: '80ms' });
    t.after(() => plane.close());
    plane.route([held]);
    const answer = ask({ port: plane.port });
    await waitUntil(async () => (await plane.metrics.metrics()).includes('kedge_open_requests{service="web"} 1'));
    plane.route([held]);
    assert.equal((await answer).status, 503);
  });

  it('holds only so many', async (t) => {
    const plane = await startDataPlane({ KEDGE_HOLD_LIMIT: '1' });
    t.after(() => plane.close());
    plane.route([held]);
    const waiting = open({ port: plane.port });
    await waitUntil(async () => (await plane.metrics.metrics()).includes('kedge_open_requests{service="web"} 1'));
    assert.equal((await ask({ port: plane.port })).status, 503);
    plane.route([endpoints('web', [])]);
    assert.equal((await waiting).resume().statusCode, 503);
  });
});
