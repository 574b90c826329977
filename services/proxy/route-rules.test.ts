import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { withHttpUpstream } from './testing/arrange.ts';
import { endpoints } from './testing/endpoints.ts';
import { ask } from './testing/http-client.ts';
import { sendRaw } from './testing/raw-http.ts';
import type { TestDataPlane } from './testing/start-data-plane.ts';

type Rules = Readonly<Record<string, unknown>>;

/** A data plane whose service `web` tells what it was asked, on a route with these rules. */
async function withRules(t: TestContext, rules: Rules): Promise<{ plane: TestDataPlane; asked: string[]; rule(next: Rules): void }> {
  const asked: string[] = [];
  const { plane, upstream } = await withHttpUpstream(t, (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end('served');
  });
  const rule = (next: Rules) => plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { rules: next })]);
  rule(rules);
  return { plane, asked, rule };
}

describe('a route with rules', () => {
  it('answers 503 and asks no target while a rule is not known to this version', async (t) => {
    const { plane, asked, rule } = await withRules(t, { fortress: 'high' });
    assert.equal((await ask({ port: plane.port })).status, 503);
    const upgrade = 'GET / HTTP/1.1\r\nHost: web.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    assert.match(await sendRaw(plane.port, upgrade), /^HTTP\/1\.1 503 /);
    assert.deepEqual(asked, []);
    rule({});
    assert.equal((await ask({ port: plane.port })).body, 'served');
  });

  it('is counted for its service when a rule answers', async (t) => {
    const { plane } = await withRules(t, { fortress: 'high' });
    await ask({ port: plane.port });
    assert.match(await plane.metrics.metrics(), /kedge_requests_total\{service="web",code="5xx"\} 1\n/);
  });

  it('sends clients to another host, on a connection that stays', async (t) => {
    const { plane, asked } = await withRules(t, { redirect: { to: 'apex.test', permanent: true } });
    const request = 'GET /a?b HTTP/1.1\r\nHost: Web.test:81\r\n\r\n';
    const received = await sendRaw(
      plane.port,
      request + request.replace('GET', 'HEAD') + request.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
    );
    assert.equal(received.match(/HTTP\/1\.1 301 Moved Permanently\r$/gm)?.length, 3);
    assert.equal(received.match(/^Location: http:\/\/apex\.test:81\/a\?b\r$/gm)?.length, 3);
    assert.deepEqual(asked, []);
  });
});
