import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { createHoldRoom } from './hold-room.ts';
import { createRoutes } from './routes.ts';
import { endpoints } from './testing/endpoints.ts';
import { ask, open } from './testing/http-client.ts';
import { deadPort, startHttpUpstream } from './testing/http-upstream.ts';
import { sendRaw } from './testing/raw-http.ts';
import { startDataPlane, type TestDataPlane } from './testing/start-data-plane.ts';
import { startStuckUpstream } from './testing/stuck-upstream.ts';

async function planeWith(t: TestContext, environment?: Readonly<Record<string, string>>): Promise<TestDataPlane> {
  const plane = await startDataPlane(environment);
  t.after(() => plane.close());
  return plane;
}

/** An upstream that sends every body back. */
async function echo(t: TestContext, port?: number): Promise<number> {
  const upstream = await startHttpUpstream((incoming, response) => incoming.pipe(response), port);
  t.after(() => upstream.close());
  return upstream.port;
}

describe('a service that is held', () => {
  const held = endpoints('web', [], { hold: true });

  it('keeps requests waiting until it has a target again', async (t) => {
    const plane = await planeWith(t);
    plane.route([held]);
    const answers = Array.from({ length: 5 }, async (_, index) => await ask({ port: plane.port, method: 'POST', body: `held ${index}` }));
    await waitUntil(async () => (await plane.underWay()) === 5);
    plane.route([held]);
    plane.route([endpoints('web', [{ id: 'c1', port: await echo(t) }])]);
    assert.deepEqual(
      (await Promise.all(answers)).map(({ body }) => body),
      [0, 1, 2, 3, 4].map((index) => `held ${index}`),
    );
  });

  for (const bytes of [100, 900_000, 5_000_000]) {
    it(`keeps a body of ${bytes} bytes whole that comes meanwhile`, async (t) => {
      const plane = await planeWith(t);
      plane.route([held]);
      const body = Array.from({ length: bytes / 100 }, (_, index) => String(index).padStart(100)).join('');
      const answer = ask({ port: plane.port, method: 'POST', body });
      const chunked = sendRaw(
        plane.port,
        `POST / HTTP/1.1\r\nHost: web.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${bytes.toString(16)}\r\n${body}\r\n0\r\nSum: 1\r\n\r\n`,
      );
      await waitUntil(async () => (await plane.underWay()) === 2);
      let sums = '';
      const upstream = await startHttpUpstream((incoming, response) => {
        incoming.pipe(response);
        incoming.on('end', () => (sums += incoming.trailers.sum ?? ''));
      });
      t.after(() => upstream.close());
      plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])]);
      assert.ok((await answer).body === body);
      const received = await chunked;
      const echoed = received.slice(received.indexOf('\r\n\r\n')).replaceAll(/\r\n(?:[0-9a-f]+\r\n)?/g, '');
      assert.deepEqual([echoed.length, echoed === body, sums], [bytes, true, '1']);
    });
  }

  it('lets them go with 503 when it takes too long, counted from their beginning', async (t) => {
    const plane = await planeWith(t, { KEDGE_HOLD_TIMEOUT: '500ms' });
    plane.route([held]);
    let status = 0;
    const answer = ask({ port: plane.port }).then((answered) => {
      status = answered.status;
    });
    // Each change of the routes makes it look again, and none gives it more time.
    await waitUntil(() => {
      plane.route([held]);
      return status !== 0;
    });
    await answer;
    assert.equal(status, 503);
  });

  it('holds only so many', async (t) => {
    const plane = await planeWith(t, { KEDGE_HOLD_LIMIT: '1' });
    plane.route([held]);
    const waiting = open({ port: plane.port });
    await waitUntil(async () => (await plane.underWay()) === 1);
    assert.equal((await ask({ port: plane.port })).status, 503);
    plane.route([endpoints('web', [])]);
    assert.equal((await waiting).resume().statusCode, 503);
  });
});

describe('a request whose only target cannot be connected to', () => {
  /** Nobody listens there, and the request has found that out. */
  async function waitingRequest(t: TestContext, environment: Readonly<Record<string, string>> = {}) {
    const plane = await planeWith(t, { KEDGE_CONNECT_RETRY: '30s', ...environment });
    const port = await deadPort();
    plane.route([endpoints('web', [{ id: 'c1', port }])]);
    const body = 'x'.repeat(300_000);
    const answer = ask({ port: plane.port, method: 'POST', body });
    await waitUntil(async () => (await plane.underWay()) === 1 && plane.traffic.openOf('c1') === 0);
    return { plane, port, body, answer };
  }

  it('is served when the target comes back at its address, with its whole body', async (t) => {
    const { plane, port, body, answer } = await waitingRequest(t);
    await echo(t, port);
    const { status, body: echoed } = await answer;
    assert.deepEqual([status, echoed === body], [200, true]);
    assert.equal(plane.traffic.openOf('c1'), 0);
    assert.match(await plane.metrics.metrics(), /kedge_requests_total\{service="web",code="2xx"\} 1\n/);
  });

  it('is served by the target that takes its place', async (t) => {
    const { plane, body, answer } = await waitingRequest(t);
    plane.route([endpoints('web', [])]);
    plane.route([endpoints('web', [{ id: 'c2', port: await echo(t) }])]);
    assert.equal((await answer).body, body);
  });

  it('is served by the same target at another address', async (t) => {
    const { plane, body, answer } = await waitingRequest(t);
    plane.route([endpoints('web', [{ id: 'c1', port: await echo(t) }])]);
    assert.equal((await answer).body, body);
  });

  it('gets 502 when nobody comes back in time', async (t) => {
    const plane = await planeWith(t, { KEDGE_CONNECT_RETRY: '300ms' });
    plane.route([endpoints('web', [{ id: 'c1', port: await deadPort() }])]);
    assert.equal((await ask({ port: plane.port })).status, 502);
    assert.equal((await ask({ port: plane.port, method: 'POST', body: 'body' })).status, 502);
  });

  it('gets 502 at once when enough of them wait already', async (t) => {
    const { plane, answer } = await waitingRequest(t, { KEDGE_HOLD_LIMIT: '1' });
    assert.equal((await ask({ port: plane.port })).status, 502);
    plane.route([endpoints('web', [{ id: 'c2', port: await echo(t) }])]);
    assert.equal((await answer).status, 200);
  });

  it('leaves its place to others when its client goes away', async (t) => {
    const plane = await planeWith(t, { KEDGE_CONNECT_RETRY: '30s', KEDGE_HOLD_LIMIT: '1' });
    plane.route([endpoints('web', [{ id: 'c1', port: await deadPort() }])]);
    const client = connect({ port: plane.port, host: '127.0.0.1' });
    client.write('GET / HTTP/1.1\r\nHost: web.test\r\n\r\n');
    await waitUntil(async () => (await plane.underWay()) === 1 && plane.traffic.openOf('c1') === 0);
    client.destroy();
    await waitUntil(async () => (await plane.underWay()) === 0);
    const next = ask({ port: plane.port });
    await waitUntil(async () => (await plane.underWay()) === 1);
    plane.route([endpoints('web', [{ id: 'c2', port: await echo(t) }])]);
    assert.equal((await next).status, 200);
  });

  it('does not wait for a connection to a target that left service meanwhile', async (t) => {
    const stuck = await startStuckUpstream();
    t.after(() => stuck.close());
    const plane = await planeWith(t, { KEDGE_CONNECT_TIMEOUT: '10m' });
    plane.route([endpoints('web', [{ id: 'c1', port: stuck.port }])]);
    const answer = ask({ port: plane.port, method: 'POST', body: 'body' });
    await waitUntil(() => plane.connections() === 1);
    plane.route([
      endpoints('web', [
        { id: 'c1', port: stuck.port, state: 'draining' },
        { id: 'c2', port: await echo(t) },
      ]),
    ]);
    assert.equal((await answer).body, 'body');
    assert.equal(plane.traffic.openOf('c1'), 0);
  });

  it('goes on trying when connecting takes too long', async (t) => {
    const stuck = await startStuckUpstream();
    t.after(() => stuck.close());
    const plane = await planeWith(t, { KEDGE_CONNECT_TIMEOUT: '100ms', KEDGE_CONNECT_RETRY: '30s' });
    plane.route([endpoints('web', [{ id: 'c1', port: stuck.port }])]);
    const answer = ask({ port: plane.port });
    await waitUntil(async () => (await plane.underWay()) === 1 && plane.traffic.openOf('c1') === 0);
    stuck.wake();
    assert.equal((await answer).body, 'awake');
  });
});

describe('the corners of the room', () => {
  it('take no place of the others, and none of each other', () => {
    const room = createHoldRoom(createRoutes(), 1);
    const guest = () => ({ client: 'c', since: 0, onChange: () => undefined, onExpired: () => undefined, onPushedOut: () => undefined });
    const leave: (() => void)[] = [];
    const enter = (name?: string) => {
      const left = room.enter(60_000, guest(), name === undefined ? undefined : { name, limit: 2 });
      if (left) leave.push(left);
      return left !== null;
    };
    assert.deepEqual(['a', 'a', 'a', 'b', undefined, undefined].map(enter), [true, true, false, true, true, false]);
    for (const each of leave.splice(0)) each();
    assert.deepEqual(['a', 'a', undefined].map(enter), [true, true, true]);
    for (const each of leave) each();
  });
});

describe('a room that is full', () => {
  it('takes those who have fewer guests in it, for the last ones of who has most', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const room = createHoldRoom(createRoutes(), 4);
    const out: string[] = [];
    const enter = (name: string) => {
      const nothing = () => undefined;
      const guest = {
        client: name.charAt(0),
        since: Number(name.slice(1)),
        onChange: nothing,
        onExpired: nothing,
        onPushedOut: () => void out.push(name),
      };
      return room.enter(60_000, guest) !== null;
    };
    assert.deepEqual(['a1', 'a2', 'a3', 'a4', 'a5'].map(enter), [true, true, true, true, false]);
    assert.deepEqual(['b1', 'c1', 'b2', 'd1'].map(enter), [true, true, false, true]);
    assert.deepEqual(out, ['a4', 'a3', 'a2']);
  });

  it('counts who left for a look and came back from when it came first', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const room = createHoldRoom(createRoutes(), 3);
    const told: string[] = [];
    const enter = (name: string, since: number) => {
      const tell = () => void told.push(name);
      room.enter(60_000, {
        client: name.charAt(0),
        since,
        onChange: tell,
        onExpired: tell,
        onPushedOut: () => void told.push(`not ${name}`),
      });
    };
    enter('a2', 2);
    enter('a3', 3);
    enter('a1', 1);
    enter('b4', 4);
    room.wake();
    assert.deepEqual(told, ['not a3', 'a1', 'a2', 'b4']);
  });

  it('keeps of one client those who came first, also where one was away meanwhile', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const room = createHoldRoom(createRoutes(), 3);
    const told: string[] = [];
    const enter = (name: string, since: number) => {
      const nothing = () => undefined;
      const guest = {
        client: name.charAt(0),
        since,
        onChange: nothing,
        onExpired: nothing,
        onPushedOut: () => void told.push(`not ${name}`),
      };
      if (!room.enter(60_000, guest)) told.push(`no room for ${name}`);
    };
    const away = 0;
    for (const since of [1, 2, 3]) enter(`a${since}`, since);
    enter('a0', away);
    enter('a4', 4);
    enter('b5', 5);
    enter('b6', 6);
    enter('b2', 2);
    assert.deepEqual(told, ['not a3', 'no room for a4', 'not a2', 'no room for b6', 'not b5']);
  });
});
