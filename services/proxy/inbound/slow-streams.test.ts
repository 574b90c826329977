import assert from 'node:assert/strict';
import { constants } from 'node:http2';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { endpoints } from '../testing/endpoints.ts';
import { startHttpUpstream } from '../testing/http-upstream.ts';
import { askHttp2, connectHttp2, hear, openStream } from '../testing/http2-client.ts';
import { startDataPlane } from '../testing/start-data-plane.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const muchBytes = 4 * 1_048_576;

async function arrange(t: TestContext) {
  const upstream = await startHttpUpstream((request, response) => {
    if (request.url === '/much') response.end(Buffer.alloc(muchBytes));
    else if (request.url === '/events') response.write('data: 1\n\n');
    else response.end('little');
  });
  const plane = await startDataPlane({
    KEDGE_HTTPS_PORT: '0',
    KEDGE_CERTIFICATES: 'self-signed',
    KEDGE_STATE_DIR: await temporaryFolder(),
    KEDGE_DOWNLOAD_IDLE: '400ms',
  });
  t.after(async () => {
    await plane.close();
    await upstream.close();
  });
  plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])], { strategy: 'both' });
  return { plane, session: await connectHttp2(t, plane.https?.port() ?? 0) };
}

describe('a client that takes nothing of an answer by HTTP/2', () => {
  it('loses that stream after the time that it has, and no other', async (t) => {
    const { plane, session } = await arrange(t);
    const events = openStream(session, { path: '/events' });
    events.on('error', () => undefined);
    events.resume();
    const stuck = openStream(session, { path: '/much' });
    const code = new Promise((resolve) => stuck.once('close', () => resolve(stuck.rstCode)));
    stuck.on('error', () => undefined);
    stuck.pause();
    await waitUntil(async () => (await plane.underWay()) === 2);
    await waitUntil(async () => (await plane.underWay()) === 1);
    stuck.resume();
    assert.equal(await code, constants.NGHTTP2_CANCEL);
    assert.equal(events.closed, false, 'one on which nothing waits stays');
    assert.equal((await askHttp2(session)).body, 'little');
    assert.equal((await askHttp2(session, { path: '/much' })).body.length, muchBytes);
    events.close();
  });

  it('keeps one of which it takes something now and then', async (t) => {
    const { session } = await arrange(t);
    const slow = openStream(session, { path: '/much' });
    const answer = hear(slow);
    const timer = setInterval(() => (slow.isPaused() ? slow.resume() : slow.pause()), 50);
    const { body, code } = await answer;
    clearInterval(timer);
    assert.deepEqual([body.length, code], [muchBytes, 0]);
  });
});
