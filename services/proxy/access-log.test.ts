import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ProxySettings } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { endpoints } from './testing/endpoints.ts';
import { ask, open } from './testing/http-client.ts';
import { startHttpUpstream } from './testing/http-upstream.ts';
import { sendRaw } from './testing/raw-http.ts';
import { startDataPlane } from './testing/start-data-plane.ts';

async function arrange(t: TestContext, log: ProxySettings['log']) {
  const upstream = await startHttpUpstream((request, response) => {
    request.resume();
    if (request.url === '/broken') {
      response.writeHead(200, { 'Content-Length': '10' });
      response.write('half', () => response.destroy());
    } else if (request.url === '/slow') response.write('half');
    else request.on('end', () => response.writeHead(request.url === '/bad' ? 503 : 200).end('hello'));
  });
  const plane = await startDataPlane();
  t.after(async () => {
    await plane.close();
    await upstream.close();
  });
  plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])], { strategy: 'http-only', log });
  return plane;
}

describe('the access log', () => {
  it('has a line for each request, with what is known of it', async (t) => {
    const { port, accessLines } = await arrange(t, { requests: 'all', query: 'mask' });
    const headers = {
      'User-Agent': 'a browser',
      Cookie: 'a=canary',
      Authorization: 'Basic canary',
      'X-Request-Id': 'r1',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`,
    };
    await ask({ port, path: '/pay?token=canary&a=1', method: 'POST', headers, body: 'four' });
    const [{ ms, release, ...line } = assert.fail()] = accessLines;
    assert.ok(typeof ms === 'number' && ms > 0 && release?.toString().startsWith('v1:'));
    assert.deepEqual(line, {
      protocol: 'HTTP/1.1',
      service: 'web',
      target: 'c1',
      receivedBytes: 4,
      sentBytes: 5,
      retries: 0,
      method: 'POST',
      host: 'web.test',
      path: '/pay?token=***&a=1',
      status: 200,
      ended: 'whole',
      client: '127.0.0.1',
      agent: 'a browser',
      requestId: 'r1',
      trace: 'a'.repeat(32),
    });
    assert.doesNotMatch(JSON.stringify(accessLines), /canary/);
  });

  it('tells who left, what broke off, and what was refused', async (t) => {
    const { port, accessLines } = await arrange(t, { requests: 'all' });
    const left = await open({ port, path: '/slow' });
    left.destroy();
    left.on('error', () => undefined);
    await waitUntil(() => accessLines.length === 1);
    await assert.rejects(ask({ port, path: '/broken' }));
    await waitUntil(() => accessLines.length === 2);
    await sendRaw(port, 'GET /x?a=canary HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n');
    await sendRaw(port, 'nonsense\r\n\r\n');
    await waitUntil(() => accessLines.length === 4);
    assert.deepEqual(
      accessLines.map(({ ended, status, path }) => [ended, status, path]),
      [
        ['aborted', null, '/slow'],
        ['broken', 502, '/broken'],
        ['refused', 400, '/x'],
        ['refused', 400, null],
      ],
    );
  });

  it('has in a sample what failed, whatever its share, and is silent when it is off', async (t) => {
    const { port, accessLines } = await arrange(t, { requests: 'sample', sample: 0 });
    await ask({ port, path: '/good' });
    await ask({ port, path: '/bad' });
    await ask({ port, path: '/nowhere', host: 'nowhere.test' });
    await sendRaw(port, 'GET /unsound HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n');
    await waitUntil(() => accessLines.length === 2);
    assert.deepEqual(
      accessLines.map(({ path, status }) => [path, status]),
      [
        ['/bad', 503],
        ['/unsound', 400],
      ],
      'who found nothing failed by himself',
    );
    const silent = await arrange(t, undefined);
    await ask({ port: silent.port, path: '/bad' });
    assert.deepEqual(silent.accessLines, []);
  });
});
