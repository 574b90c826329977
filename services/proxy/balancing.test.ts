import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import type { EndpointsEntry } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import type { Ejected } from './ejections.ts';
import { endpoints, type TestTarget } from './testing/endpoints.ts';
import { ask, open } from './testing/http-client.ts';
import { deadPort, startHttpUpstream } from './testing/http-upstream.ts';
import { startDataPlane } from './testing/start-data-plane.ts';

interface Arrangement extends Pick<EndpointsEntry, 'balancing' | 'shares'> {
  /** What each target does; by its id. */
  readonly does: Readonly<Record<string, RequestListener>>;
  readonly releases?: Readonly<Record<string, string>>;
}

async function arrange(t: TestContext, { does, releases = {}, ...spread }: Arrangement) {
  const asked: Record<string, number> = {};
  const targets = await Promise.all(
    Object.entries(does).map(async ([id, listener]): Promise<TestTarget> => {
      const upstream = await startHttpUpstream((request, response) => {
        asked[id] = (asked[id] ?? 0) + 1;
        listener(request, response);
      });
      t.after(async () => await upstream.close());
      return { id, port: upstream.port, ...(releases[id] && { release: releases[id] }) };
    }),
  );
  const plane = await startDataPlane();
  t.after(async () => await plane.close());
  const ejected: Ejected[] = [];
  plane.ejections.onEjected((each) => void ejected.push(each));
  plane.route([endpoints('web', targets, spread)]);
  return { ...plane, asked, targets, spread, ejected, get: async (path = '/') => await ask({ port: plane.port, path }) };
}

const saysItsName =
  (name: string): RequestListener =>
  (_request, response) =>
    response.end(name);
const fails: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(503).end('no');
};

describe('balancing', () => {
  it('gives a request to the target that has the fewest', async (t) => {
    const slow: RequestListener = (_request, response) => void response.write('slow');
    const { port, get, asked } = await arrange(t, { does: { a: slow, b: saysItsName('b') }, balancing: { balance: 'least-requests' } });
    const pending = await open({ port });
    t.after(() => pending.destroy());
    // Whoever has the slow one, everybody else gets the other.
    if (asked.b === 1) await open({ port }).then((more) => t.after(() => more.destroy()));
    for (let count = 0; count < 5; count += 1) assert.equal((await get()).body, 'b');
  });

  it('lets a client stay by a cookie, and says it once', async (t) => {
    const { port, get } = await arrange(t, {
      does: { a: saysItsName('a'), b: saysItsName('b') },
      balancing: { sticky: { cookie: 'stay' } },
    });
    const first = await get();
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    assert.match(cookie, /^stay=[\w-]+\.[\w-]+; Path=\/; HttpOnly; SameSite=Lax$/);
    const [pair = ''] = cookie.split(';');
    for (let count = 0; count < 4; count += 1) {
      const again = await ask({ port, headers: { Cookie: pair } });
      assert.deepEqual([again.body, again.headers['set-cookie']], [first.body, undefined]);
    }
  });

  it('asks again elsewhere what may be repeated, and passes on what may not', async (t) => {
    const { port, get, asked, metrics } = await arrange(t, {
      does: { a: fails, b: saysItsName('b') },
      balancing: { retry: { attempts: 2, statuses: [503], budget: 20 } },
    });
    for (let count = 0; count < 6; count += 1) assert.deepEqual([(await get()).status, (await get()).body], [200, 'b']);
    assert.ok((asked.a ?? 0) > 0);
    const posted = await Promise.all([1, 2].map(async () => await ask({ port, method: 'POST', body: 'x' })));
    assert.deepEqual(posted.map(({ status }) => status).toSorted(), [200, 503]);
    assert.match(await metrics.metrics(), /kedge_target_requests_total\{service="web",target="a",code="5xx"\} [1-9]/);
    assert.match(await metrics.metrics(), /kedge_retries_total\{service="web"\} [1-9]/);
  });

  it('passes on the answer when nobody else is there', async (t) => {
    const { get } = await arrange(t, { does: { a: fails }, balancing: { retry: { attempts: 3, statuses: [503], budget: 20 } } });
    const { status, body } = await get();
    assert.deepEqual([status, body], [503, 'no']);
  });

  it('stops asking again when that has become too much', async (t) => {
    const { get, asked } = await arrange(t, {
      does: { a: fails, b: fails },
      balancing: { retry: { attempts: 2, statuses: [503], budget: 0 } },
    });
    for (let count = 0; count < 60; count += 1) assert.equal((await get()).status, 503);
    // Sixty, and three a second of the last ten once more.
    assert.equal((asked.a ?? 0) + (asked.b ?? 0), 90);
  });

  it('leaves a target out that fails again and again, tells it once, and asks it again where nobody would be left', async (t) => {
    const eject = { failures: 3, base_ms: 60_000, max_ms: 60_000, panic: 50 };
    const { get, asked, ejected, route, targets } = await arrange(t, { does: { a: fails, b: saysItsName('b') }, balancing: { eject } });
    for (let count = 0; count < 12; count += 1) await get();
    assert.deepEqual([asked.a, ejected.length, ejected[0]?.target.id, ejected[0]?.failures], [3, 1, 'a', 3]);
    assert.match(ejected[0]?.reason ?? '', /503/);
    route([endpoints('web', targets.slice(0, 1), { balancing: { eject } })]);
    assert.equal((await get()).body, 'no');
  });

  it('counts failed connections', async (t) => {
    const eject = { failures: 1, base_ms: 60_000, max_ms: 60_000, panic: 0 };
    const { get, ejected, route, targets } = await arrange(t, { does: { a: saysItsName('a') }, balancing: { eject } });
    route([endpoints('web', [{ id: 'dead', port: await deadPort() }, ...targets], { balancing: { eject } })]);
    for (let count = 0; count < 4; count += 1) assert.equal((await get()).body, 'a');
    assert.deepEqual(
      ejected.map(({ target }) => target.id),
      ['dead'],
    );
  });

  for (const [what, does] of [
    ['closes the connection', (request) => void request.socket.destroy()],
    ['answers what is no answer', (request) => void request.socket.end('SSH-2.0-OpenSSH\r\n')],
  ] satisfies readonly (readonly [string, RequestListener])[]) {
    it(`leaves a target out that takes requests and ${what}, asks elsewhere, and counts that for the target`, async (t) => {
      const eject = { failures: 2, base_ms: 60_000, max_ms: 60_000, panic: 10 };
      const retry = { attempts: 2, statuses: [502], budget: 100 };
      const { get, asked, ejected, metrics } = await arrange(t, { does: { a: does, b: saysItsName('b') }, balancing: { eject, retry } });
      for (let count = 0; count < 10; count += 1) assert.equal((await get()).body, 'b');
      assert.deepEqual([asked.a, ejected.length], [2, 1]);
      assert.match(await metrics.metrics(), /kedge_target_requests_total\{service="web",target="a",code="5xx"\} 2/);
    });
  }

  it('tells of the target what it gives in its place, and of nobody what the client did', async (t) => {
    const { get, port, metrics, route, targets, accessLines } = await arrange(t, {
      does: { a: (request) => void request.socket.destroy() },
    });
    route([endpoints('web', targets, { rules: { max_body: 1 } })], { strategy: 'http-only', log: { requests: 'all' } });
    assert.equal((await get()).status, 502);
    assert.match(await metrics.metrics(), /kedge_target_requests_total\{service="web",target="a",code="5xx"\} 1/);
    assert.deepEqual([accessLines[0]?.status, accessLines[0]?.target], [502, 'a']);
    assert.equal((await ask({ port, method: 'POST', headers: { 'Transfer-Encoding': 'chunked' }, body: 'too much' })).status, 413);
    assert.doesNotMatch(await metrics.metrics(), /target="a",code="4xx"/);
  });

  it('divides what a target that is left out would have had among all others', async (t) => {
    const eject = { failures: 1, base_ms: 60_000, max_ms: 60_000, panic: 10 };
    const does = { a: fails, b: saysItsName('b'), c: saysItsName('c'), d: saysItsName('d') };
    const { get, asked, ejected } = await arrange(t, { does, balancing: { eject } });
    while (ejected.length === 0) await get();
    const before = { ...asked };
    for (let count = 0; count < 12; count += 1) await get();
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((id) => (asked[id] ?? 0) - (before[id] ?? 0)),
      [0, 4, 4, 4],
    );
  });

  it('keeps apart what services of one target think of it', async (t) => {
    const check = { path: '/ill', interval_ms: 10, timeout_ms: 1_000, failures: 1, successes: 1 };
    const { port, ejected, route, targets } = await arrange(t, {
      does: { a: (request, response) => response.writeHead(request.url === '/ill' ? 500 : 200).end('a'), b: saysItsName('b') },
    });
    const well = { ...check, path: '/' };
    route([
      endpoints('web', targets, { balancing: { check: well } }),
      endpoints('api', targets, { routes: [{ host: 'api.test', path: '/' }], balancing: { check } }),
    ]);
    await waitUntil(() => ejected.length === 1);
    assert.deepEqual([ejected[0]?.service, ejected[0]?.target.id], ['api', 'a']);
    const bodies = async (host: string) => new Set(await Promise.all([1, 2, 3, 4].map(async () => (await ask({ port, host })).body)));
    assert.deepEqual([await bodies('api.test'), await bodies('web.test')], [new Set(['b']), new Set(['a', 'b'])]);
  });

  it('gives each service a cookie of its own', async (t) => {
    const { port, route, targets } = await arrange(t, { does: { a: saysItsName('a'), b: saysItsName('b') } });
    route([
      endpoints('web', targets, { balancing: { sticky: {} } }),
      endpoints('api', targets, { routes: [{ host: 'web.test', path: '/api' }], balancing: { sticky: {} } }),
    ]);
    const names = await Promise.all(
      ['/', '/api'].map(async (path) => (await ask({ port, path })).headers['set-cookie']?.[0]?.split('=')[0]),
    );
    assert.match(names.join(), /^kedge-[\w-]{8},kedge-[\w-]{8}$/);
    assert.notEqual(names[0], names[1]);
  });

  it('lets those wait who were paused before, and wakes them when another service leaves room', async (t) => {
    const waiting: (() => void)[] = [];
    const { get, port, route, targets, asked } = await arrange(t, {
      does: { a: (_request, response) => void waiting.push(() => response.end('a')) },
    });
    const limited = (rules: { readonly pause: { readonly timeout_ms: number; readonly limit: number } } | null) =>
      route([
        endpoints('web', targets, { balancing: { limit: { concurrent: 1, queue: 9, timeout_ms: 300 } }, ...(rules && { rules }) }),
        endpoints('api', targets, { routes: [{ host: 'api.test', path: '/' }] }),
      ]);
    limited({ pause: { timeout_ms: 60_000, limit: 9 } });
    const [first, second] = [get(), get()];
    const begun = performance.now();
    await waitUntil(() => performance.now() - begun > 350);
    limited(null);
    await waitUntil(() => waiting.length === 1);
    waiting.shift()?.();
    await waitUntil(() => waiting.length === 1);
    waiting.shift()?.();
    assert.deepEqual([(await first).status, (await second).status], [200, 200]);
    const other = ask({ port, host: 'api.test' });
    await waitUntil(() => waiting.length === 1);
    const third = get();
    await waitUntil(() => asked.a === 3);
    waiting.shift()?.();
    await waitUntil(() => waiting.length === 1);
    waiting.shift()?.();
    assert.deepEqual([(await other).status, (await third).status], [200, 200]);
  });

  it('passes on the answer where nobody else has room', async (t) => {
    const waiting: (() => void)[] = [];
    const does = { a: fails, b: (_request: unknown, response: { end(): void }) => void waiting.push(() => response.end()) };
    const balancing = { retry: { attempts: 2, statuses: [503], budget: 100 }, limit: { concurrent: 1, queue: 9, timeout_ms: 5_000 } };
    const { get } = await arrange(t, { does, balancing });
    const slow = get();
    await waitUntil(() => waiting.length === 1);
    const { status, body } = await get();
    assert.deepEqual([status, body], [503, 'no']);
    waiting.shift()?.();
    await slow;
  });

  it('divides by release, and keeps a client with the release of its cookie', async (t) => {
    const [one, two] = ['1', '2'].map((digit) => `v1:${digit.repeat(64)}`) as [string, string];
    const shares = [
      { release: one, weight: 1 },
      { release: two, weight: 0 },
    ] as NonNullable<EndpointsEntry['shares']>;
    const { get } = await arrange(t, { does: { a: saysItsName('a'), b: saysItsName('b') }, releases: { a: one, b: two }, shares });
    for (let count = 0; count < 6; count += 1) assert.equal((await get()).body, 'a');
  });

  it('asks targets by itself, leaves out those that do not serve, and takes them again', async (t) => {
    let isWell = false;
    const check = { path: '/up', interval_ms: 10, timeout_ms: 1_000, failures: 2, successes: 1 };
    const ill: RequestListener = (request, response) => response.writeHead(request.url !== '/up' || isWell ? 200 : 500).end('a');
    const { get, ejected } = await arrange(t, { does: { a: ill, b: saysItsName('b') }, balancing: { check } });
    await waitUntil(() => ejected.length === 1);
    assert.deepEqual([ejected[0]?.target.id, ejected[0]?.reason, ejected[0]?.failures], ['a', 'check: it answered 500', 2]);
    for (let count = 0; count < 4; count += 1) assert.equal((await get()).body, 'b');
    isWell = true;
    await waitUntil(async () => (await get()).body === 'a');
  });

  it('gives a target no more than it may have at once; others wait their turn, and no longer than they are to', async (t) => {
    let most = 0;
    let now = 0;
    const waiting: (() => void)[] = [];
    const counts: RequestListener = (_request, response) => {
      now += 1;
      most = Math.max(most, now);
      waiting.push(() => {
        now -= 1;
        response.end('done');
      });
    };
    const limit = { concurrent: 2, queue: 3, timeout_ms: 60_000 };
    const { get, route, targets } = await arrange(t, { does: { a: counts }, balancing: { limit } });
    const all = [1, 2, 3, 4, 5].map(async () => (await get()).status);
    await waitUntil(() => waiting.length === 2);
    const { status, headers } = await get();
    assert.deepEqual([status, headers['retry-after']], [503, '2']);
    for (let served = 0; served < 5; served += 1) {
      await waitUntil(() => waiting.length > 0);
      waiting.shift()?.();
    }
    assert.deepEqual([await Promise.all(all), most], [[200, 200, 200, 200, 200], 2]);

    route([endpoints('web', targets, { balancing: { limit: { ...limit, concurrent: 1, timeout_ms: 50 } } })]);
    const first = get();
    await waitUntil(() => waiting.length === 1);
    assert.equal((await get()).status, 503);
    waiting.shift()?.();
    assert.equal((await first).status, 200);
  });

  it('changes while requests come', async (t) => {
    const { get, route, targets, asked } = await arrange(t, { does: { a: saysItsName('a'), b: saysItsName('b') } });
    await get();
    await get();
    assert.deepEqual(asked, { a: 1, b: 1 });
    route([endpoints('web', targets, { balancing: { balance: 'hash' } })]);
    const bodies = [await get(), await get(), await get()].map(({ body }) => body);
    assert.equal(new Set(bodies).size, 1);
  });
});
