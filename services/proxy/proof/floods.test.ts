import assert from 'node:assert/strict';
import { constants } from 'node:http2';
import { describe, it, type TestContext } from 'node:test';
import { endpoints } from '../testing/endpoints.ts';
import { startHttpUpstream } from '../testing/http-upstream.ts';
import { askHttp2, connectHttp2 } from '../testing/http2-client.ts';
import { fieldBlock, flag, frame, frameOf, openRawHttp2 } from '../testing/raw-http2.ts';
import { startDataPlane } from '../testing/start-data-plane.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

/** More than a client could ever need, on one connection, at once. */
const many = 20_000;
/** More than all buffers on the way hold. */
const most = 2_000_000;
const head = fieldBlock([':method', 'GET', ':scheme', 'https', ':path', '/', ':authority', 'web.test']);
const cancel = Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL]);

/** Frames that cost their sender little. */
const floods: Readonly<Record<string, (index: number) => readonly Buffer[]>> = {
  'requests that are taken back at once (CVE-2023-44487)': (index) => [
    frameOf([frame.headers, flag.endHeaders | flag.endStream, index * 2 + 1], head),
    frameOf([frame.rstStream, 0, index * 2 + 1], cancel),
  ],
  pings: () => [frameOf([frame.ping, 0, 0], Buffer.alloc(8))],
  'headers that never end': (index) =>
    index === 0 ? [frameOf([frame.headers, 0, 1], head)] : [frameOf([frame.continuation, 0, 1], fieldBlock(['x-more', 'x'.repeat(64)]))],
};

async function arrange(t: TestContext) {
  let asked = 0;
  const upstream = await startHttpUpstream((_request, response) => {
    asked += 1;
    response.end('hello');
  });
  const environment = { KEDGE_HTTPS_PORT: '0', KEDGE_CERTIFICATES: 'self-signed', KEDGE_STATE_DIR: await temporaryFolder() };
  const plane = await startDataPlane(environment);
  t.after(async () => {
    await plane.close();
    await upstream.close();
  });
  plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])], { strategy: 'both' });
  return { plane, port: plane.https?.port() ?? 0, asked: () => asked };
}

describe('a flood on a connection of HTTP/2', () => {
  for (const [what, framesOf] of Object.entries(floods)) {
    it(`of ${what} costs the connection, and nobody else's`, async (t) => {
      const { port, asked } = await arrange(t);
      const other = await connectHttp2(t, port);
      const raw = await openRawHttp2(port);
      // It takes nothing of what it is told, so that answers pile up.
      raw.socket.pause();
      const closed = new Promise((resolve) => raw.socket.once('close', resolve));
      for (let sent = 0; sent < most && !raw.socket.destroyed; sent += 200) {
        raw.send(...Array.from({ length: 200 }, (_, index) => framesOf(sent + index)).flat());
        await new Promise((resolve) => setImmediate(resolve));
      }
      raw.socket.resume();
      await closed;
      assert.ok(asked() < many / 2, `${asked()} requests reached the target`);
      assert.equal((await askHttp2(other)).body, 'hello');
    });
  }
});
