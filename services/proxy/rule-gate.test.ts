import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { ProxySettings } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { withHttpUpstream } from './testing/arrange.ts';
import { endpoints } from './testing/endpoints.ts';
import { ask } from './testing/http-client.ts';
import { sendRaw } from './testing/raw-http.ts';
import type { TestDataPlane } from './testing/start-data-plane.ts';

type Rules = Readonly<Record<string, unknown>>;

/** A data plane whose service `web` tells what it was asked, on a route with these rules. */
async function withRules(
  t: TestContext,
  rules: Rules,
  environment?: Readonly<Record<string, string>>,
): Promise<{ plane: TestDataPlane; asked: string[]; rule(next: Rules, settings?: ProxySettings): void }> {
  const asked: string[] = [];
  const { plane, upstream } = await withHttpUpstream(
    t,
    (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end('served');
    },
    environment,
  );
  const rule = (next: Rules, settings?: ProxySettings) =>
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { rules: next })], settings);
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

  it('serves the addresses that are allowed, and asks no target for others', async (t) => {
    const { plane, asked, rule } = await withRules(t, { allow: ['127.0.0.0/8'] });
    const claim = { 'X-Forwarded-For': '192.0.2.1' };
    assert.equal((await ask({ port: plane.port, headers: claim })).body, 'served');
    rule({ allow: ['192.0.2.0/24'] });
    const refused = await ask({ port: plane.port, headers: { ...claim, Accept: 'application/json' } });
    assert.deepEqual([refused.status, JSON.parse(refused.body).status, refused.headers['cache-control']], [403, 403, 'private, no-store']);
    const upgrade = 'GET / HTTP/1.1\r\nHost: web.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    assert.match(await sendRaw(plane.port, upgrade), /^HTTP\/1\.1 403 /);
    assert.equal(asked.length, 1);
  });

  it('believes the proxies that stand before it, and nobody else, about who asks', async (t) => {
    const { plane, rule } = await withRules(t, { allow: ['192.0.2.0/24'] });
    const statusOf = async (trusted_proxies: readonly string[], forwardedFor: string) => {
      rule({ allow: ['192.0.2.0/24'] }, { strategy: 'http-only', trusted_proxies: [...trusted_proxies] });
      return (await ask({ port: plane.port, headers: { 'X-Forwarded-For': forwardedFor } })).status;
    };
    assert.equal(await statusOf(['127.0.0.1'], '192.0.2.1'), 200);
    assert.equal(await statusOf(['127.0.0.1'], '192.0.2.1, 198.51.100.1'), 403);
    assert.equal(await statusOf(['10.0.0.1'], '192.0.2.1'), 403);
  });

  it('shows the page of maintenance to everybody', async (t) => {
    const page = '<h1>Bald zurück</h1>';
    const { plane, asked, rule } = await withRules(t, { maintenance: { status: 503, page } });
    const { status, body, headers } = await ask({ port: plane.port, method: 'POST', body: 'data' });
    assert.deepEqual([status, body, headers['content-length']], [503, page, String(Buffer.byteLength(page))]);
    assert.equal((await ask({ port: plane.port, method: 'HEAD' })).body, '');
    const upgrade = 'GET / HTTP/1.1\r\nHost: web.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    assert.match(Buffer.from(await sendRaw(plane.port, upgrade), 'latin1').toString(), /\r\n\r\n<h1>Bald zurück<\/h1>$/);
    for (const next of [204, 304]) {
      rule({ maintenance: { status: next, page } });
      const get = 'GET / HTTP/1.1\r\nHost: web.test\r\n\r\n';
      const received = await sendRaw(plane.port, get + get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
      assert.equal(received.replaceAll(/HTTP\/1\.1 \d+ .*\r\n(?:[A-Za-z-]+: .*\r\n)+\r\n/g, '-'), '--', received);
    }
    assert.deepEqual(asked, []);
  });

  it('holds requests while it is paused, and serves or answers them when it is not', async (t) => {
    const pause = { timeout_ms: 60_000, limit: 2 };
    const { plane, asked, rule } = await withRules(t, { pause });
    const first = [ask({ port: plane.port, method: 'POST', body: 'data' }), ask({ port: plane.port })];
    await waitUntil(async () => (await plane.underWay()) === 2);
    assert.equal((await ask({ port: plane.port })).status, 503, 'no room is left');
    assert.deepEqual(asked, []);
    rule({ pause, response_headers: { set: { A: 'b' } } });
    assert.equal((await ask({ port: plane.port })).status, 503, 'they wait on');
    rule({});
    assert.deepEqual(
      (await Promise.all(first)).map(({ body }) => body),
      ['served', 'served'],
    );
    rule({ pause });
    const second = ask({ port: plane.port });
    await waitUntil(async () => (await plane.underWay()) === 1);
    rule({ maintenance: { status: 503, page: 'later' } });
    assert.equal((await second).body, 'later');
  });

  it('holds no request for longer than it says', async (t) => {
    const { plane } = await withRules(t, { pause: { timeout_ms: 50, limit: 2 } });
    const { status, headers } = await ask({ port: plane.port });
    assert.deepEqual([status, headers['retry-after']], [503, '2']);
  });

  it('serves a client so often, tells what is left, and counts a request once however often it looks', async (t) => {
    const rate_limit = { requests: 2, window_ms: 600_000 };
    const { plane, asked, rule } = await withRules(t, { rate_limit });
    const first = await ask({ port: plane.port });
    assert.deepEqual([first.headers['ratelimit-policy'], first.headers.ratelimit], ['"default";q=2;w=600', '"default";r=1;t=300']);
    rule({ rate_limit, pause: { timeout_ms: 60_000, limit: 5 } });
    const second = ask({ port: plane.port });
    await waitUntil(async () => (await plane.underWay()) === 1);
    rule({ rate_limit, pause: { timeout_ms: 60_001, limit: 5 } });
    rule({ rate_limit });
    assert.equal((await second).headers.ratelimit, '"default";r=0;t=600');
    const third = await ask({ port: plane.port });
    assert.deepEqual([third.status, third.headers['retry-after'], third.headers.ratelimit], [429, '300', '"default";r=0;t=300']);
    assert.equal(asked.length, 2);
    rule({ rate_limit: { ...rate_limit, requests: 3 } });
    assert.equal((await ask({ port: plane.port })).status, 200, 'another rate begins anew');
  });

  it('tells what is left also to who has no password for it', async (t) => {
    const basic_auth = { ann: { ref: 'web/service.toml#/proxy/basic_auth/ann', fingerprint: 'f1' } };
    const { plane } = await withRules(t, { rate_limit: { requests: 2, window_ms: 600_000 }, basic_auth });
    const { status, headers } = await ask({ port: plane.port });
    assert.deepEqual([status, headers.ratelimit], [401, '"default";r=1;t=300']);
  });

  it('serves who has a name and its password, over many requests and upgrades', async (t) => {
    const secret = { ref: 'web/service.toml#/proxy/basic_auth/ann', fingerprint: 'f1' };
    const rules = { basic_auth: { ann: secret, bob: { ...secret, ref: `${secret.ref}2` } } };
    const { plane, asked, rule } = await withRules(t, rules, { KEDGE_HOLD_TIMEOUT: '100ms' });
    const login = async (text: string) => {
      const headers = { Authorization: `Basic ${Buffer.from(text).toString('base64')}` };
      return (await ask({ port: plane.port, headers, method: 'POST', body: 'data' })).status;
    };
    assert.equal(await login('ann:password'), 503, 'nobody knows the hash yet');
    plane.secretHashes.set(secret.ref, '$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHQ$ByAEVKTCNpqJN0HGv2NV8pvzV4V8xeuOh5UQT75wo44');
    rule(rules);
    await waitUntil(async () => (await login('ann:wrong')) === 401);
    const { status, headers } = await ask({ port: plane.port });
    assert.deepEqual([status, headers['www-authenticate']], [401, 'Basic realm="Restricted", charset="UTF-8"']);
    assert.deepEqual([await login('bob:password'), await login('eve:password')], [503, 401]);
    assert.deepEqual(asked, []);
    assert.deepEqual([await login('ann:password'), await login('ann:password'), await login('ann:password2')], [200, 200, 401]);
    const upgrade = 'GET / HTTP/1.1\r\nHost: web.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
    assert.match(await sendRaw(plane.port, `${upgrade}\r\n`), /^HTTP\/1\.1 401 /);
    const token = Buffer.from('ann:password').toString('base64');
    assert.match(await sendRaw(plane.port, `${upgrade}Authorization: Basic ${token}\r\n\r\n`), /^HTTP\/1\.1 200 /);
    assert.equal(asked.length, 3);
  });

  it('lets who logs in wait while the hash is asked for, and notices who leaves meanwhile', async (t) => {
    const secret = { ref: 'web/service.toml#/proxy/basic_auth/ann', fingerprint: 'f1' };
    const { plane, asked, rule } = await withRules(t, { basic_auth: { ann: secret } });
    const headers = { Authorization: `Basic ${Buffer.from('ann:password').toString('base64')}` };
    const [first, second] = [ask({ port: plane.port, headers }), ask({ port: plane.port, headers, method: 'POST', body: 'data' })];
    const gone = connect({ port: plane.port, host: '127.0.0.1' });
    gone.write(`GET / HTTP/1.1\r\nHost: web.test\r\nAuthorization: ${headers.Authorization}\r\n\r\n`);
    await waitUntil(async () => (await plane.underWay()) === 3);
    gone.destroy();
    await waitUntil(async () => (await plane.underWay()) === 2);
    plane.secretHashes.set(secret.ref, '$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHQ$ByAEVKTCNpqJN0HGv2NV8pvzV4V8xeuOh5UQT75wo44');
    rule({ basic_auth: { ann: secret } });
    assert.deepEqual([(await first).status, (await second).status, asked.length], [200, 200, 2]);
  });

  it('takes the time of a pause off that of a hold', async (t) => {
    const { plane, rule } = await withRules(t, { pause: { timeout_ms: 60_000, limit: 5 } }, { KEDGE_HOLD_TIMEOUT: '1s' });
    const startedAt = performance.now();
    const answer = ask({ port: plane.port });
    await waitUntil(async () => (await plane.underWay()) === 1 && performance.now() - startedAt > 1_100);
    plane.route([endpoints('web', [], { hold: true })]);
    rule({});
    assert.equal((await answer).status, 200);
  });

  it('takes nobody all places of a pause', async (t) => {
    const { plane, rule } = await withRules(t, { pause: { timeout_ms: 60_000, limit: 3 } });
    const greedy = Array.from({ length: 3 }, async () => await ask({ port: plane.port }));
    await waitUntil(async () => (await plane.underWay()) === 3);
    const other = connect({ port: plane.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    t.after(() => other.destroy());
    let received = '';
    other.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    other.write('GET / HTTP/1.1\r\nHost: web.test\r\n\r\n');
    assert.equal((await Promise.race(greedy)).status, 503);
    rule({});
    await waitUntil(() => received.startsWith('HTTP/1.1 200 '));
    assert.deepEqual((await Promise.all(greedy)).map(({ status }) => status).toSorted(), [200, 200, 503]);
  });

  for (const how of ['destroy', 'end', 'resetAndDestroy'] as const) {
    it(`frees the places of clients that left a pause with much unread (${how}), and carries nothing of them out`, async (t) => {
      const { plane, asked, rule } = await withRules(t, { pause: { timeout_ms: 60_000, limit: 5 } });
      const body = 'x'.repeat(400_000);
      const post = `POST / HTTP/1.1\r\nHost: web.test\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      const clients = Array.from({ length: 5 }, () => connect({ port: plane.port, host: '127.0.0.1' }).on('error', () => undefined));
      for (const client of clients) client.write(post);
      const stays = body.slice(0, 300_000);
      await waitUntil(async () => (await plane.underWay()) === 5);
      for (const client of clients) client[how]();
      await waitUntil(async () => (await plane.underWay()) === 0);
      const next = ask({ port: plane.port, method: 'POST', body: stays });
      await waitUntil(async () => (await plane.underWay()) === 1);
      rule({});
      assert.deepEqual([(await next).body, asked], ['served', ['POST /']]);
      for (const client of clients) client.destroy();
    });
  }
});
