import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { endpoints, type TestTarget } from '../testing/endpoints.ts';
import { startDataPlane, type TestDataPlane } from '../testing/start-data-plane.ts';
import { dial, echo, freePort, startTcp } from '../testing/tcp.ts';

interface Declared {
  readonly host: number;
  readonly container: number;
  readonly idle_ms?: number;
  readonly proxy_protocol?: string;
  readonly tls_host?: string;
}

function entry(port: Declared | null, targets: readonly TestTarget[], hold?: boolean) {
  const ports = port === null ? [] : [{ idle_ms: 60_000, host_ip: '127.0.0.1', ...port }];
  return endpoints('db', targets, { routes: [], ports, ...(hold === undefined ? {} : { hold }) });
}

async function startPlane(t: TestContext, environment?: Readonly<Record<string, string>>): Promise<TestDataPlane> {
  const plane = await startDataPlane(environment);
  t.after(plane.close);
  return plane;
}

/** Resolves once the port is open. */
async function isOpen(plane: TestDataPlane): Promise<void> {
  await waitUntil(() => plane.ports.states().every(({ problem }) => problem === null));
}

/** A plane with a port that leads to one upstream. */
async function withPort(
  t: TestContext,
  onConnection: Parameters<typeof startTcp>[1],
  { environment, ...settings }: Partial<Declared> & { readonly environment?: Readonly<Record<string, string>> } = {},
) {
  const plane = await startPlane(t, environment);
  const upstream = await startTcp(t, onConnection);
  const port = { ...settings, host: await freePort(), container: upstream.port };
  plane.route([entry(port, [{ id: 'c1', port: 1 }])]);
  await isOpen(plane);
  return { plane, upstream, port };
}

const mebibyte = 'x'.repeat(1_048_576);

describe('a port of a service', () => {
  it('carries a mebibyte both ways, and the end of each half', async (t) => {
    const { port, plane } = await withPort(t, echo);
    const client = dial(t, port.host);
    client.socket.end(mebibyte);
    await client.ended;
    assert.equal(client.received(), mebibyte);
    assert.equal(client.brokenBy(), null);
    await waitUntil(() => plane.traffic.openOf('c1') === 0);
  });

  it('lets a client speak on after the target ended its half', async (t) => {
    let said = '';
    const { port } = await withPort(t, (socket) => {
      socket.on('data', (piece) => {
        said += piece.toString();
      });
      socket.end('hello');
    });
    const client = dial(t, port.host);
    await client.ended;
    assert.equal(client.received(), 'hello');
    client.socket.end('and goodbye');
    await waitUntil(() => said === 'and goodbye');
  });

  it('lets a target speak on after the client ended its half', async (t) => {
    const { port, upstream } = await withPort(t, (socket) => void socket.resume());
    const client = dial(t, port.host);
    client.socket.end('question');
    const [socket] = await waitUntil(() => (upstream.open.size === 1 ? [...upstream.open] : null));
    await waitUntil(() => socket?.readableEnded);
    socket?.end('answer');
    await client.ended;
    assert.equal(client.received(), 'answer');
  });

  it('tells each side when the other one broke off', async (t) => {
    const { port, upstream, plane } = await withPort(t, echo);
    const left = dial(t, port.host);
    await waitUntil(() => upstream.open.size === 1);
    left.socket.resetAndDestroy();
    await waitUntil(() => upstream.open.size === 0 && plane.traffic.openOf('c1') === 0);
    const stayed = dial(t, port.host);
    await waitUntil(() => upstream.open.size === 1);
    for (const socket of upstream.open) socket.resetAndDestroy();
    await stayed.ended;
    assert.equal(stayed.brokenBy(), 'ECONNRESET');
  });

  it('takes turns among ready targets, each at the port of its container', async (t) => {
    const plane = await startPlane(t);
    const upstream = await startTcp(t, echo);
    const port = { host: await freePort(), container: upstream.port };
    plane.route([
      entry(port, [
        { id: 'c1', port: 1 },
        { id: 'c2', port: 2 },
        { id: 'c3', port: 3, state: 'draining' },
      ]),
    ]);
    await isOpen(plane);
    for (let count = 0; count < 6; count += 1) dial(t, port.host);
    await waitUntil(() => upstream.open.size === 6);
    assert.deepEqual(['c1', 'c2', 'c3'].map(plane.traffic.openOf), [3, 3, 0]);
  });

  it('ends a connection on which nobody says anything for as long as is declared', async (t) => {
    const { port } = await withPort(t, echo, { idle_ms: 80 });
    const client = dial(t, port.host);
    await client.ended;
    assert.equal(client.socket.readableEnded || client.brokenBy() !== null, true);
  });

  it('tells the target first who comes, where that is declared', async (t) => {
    const { port } = await withPort(t, echo, { proxy_protocol: 'v1' });
    const client = dial(t, port.host);
    await once(client.socket, 'connect');
    const { localPort } = client.socket;
    client.socket.end('hello');
    await client.ended;
    assert.equal(client.received(), `PROXY TCP4 127.0.0.1 127.0.0.1 ${localPort} ${port.host}\r\nhello`);
  });

  it('stays closed where the version is unknown in which targets want to be told', async (t) => {
    const plane = await startPlane(t);
    plane.route([entry({ host: await freePort(), container: 1, proxy_protocol: 'v3' }, [])]);
    assert.deepEqual(plane.ports.states(), []);
  });
});

describe('a rollout', () => {
  it('loses no connection while targets take each other over, and proves that the old one is quiet', async (t) => {
    const plane = await startPlane(t);
    const upstream = await startTcp(t, echo);
    const port = { host: await freePort(), container: upstream.port };
    const route = (ready: string, draining: string | null) =>
      plane.route([
        entry(port, [{ id: ready, port: 1 }, ...(draining === null ? [] : [{ id: draining, port: 1, state: 'draining' as const }])]),
      ]);
    route('c0', null);
    await isOpen(plane);
    const long = dial(t, port.host);
    await waitUntil(() => plane.traffic.openOf('c0') === 1);
    for (let swap = 1; swap <= 10; swap += 1) {
      const clients = Array.from({ length: 20 }, (_none, index) => {
        if (index === 10) route(`c${swap}`, `c${swap - 1}`);
        const client = dial(t, port.host);
        client.socket.end(`${swap}.${index}`);
        return { client, said: `${swap}.${index}` };
      });
      await Promise.all(clients.map(async ({ client }) => await client.ended));
      for (const { client, said } of clients) assert.equal(client.received(), said);
      if (swap > 1) await waitUntil(() => plane.traffic.openOf(`c${swap - 1}`) === 0);
      else assert.equal(plane.traffic.openOf('c0'), 1);
      if (swap === 1) {
        long.socket.end('the end');
        await long.ended;
        assert.equal(long.received(), 'the end');
      }
    }
  });

  it('ends what is left on a target once it is named no more', async (t) => {
    const { port, plane, upstream } = await withPort(t, echo);
    const client = dial(t, port.host);
    await waitUntil(() => upstream.open.size === 1);
    plane.route([entry(port, [{ id: 'c1', port: 1, state: 'draining' }])]);
    client.socket.write('still here');
    await waitUntil(() => client.received() === 'still here');
    plane.route([entry(port, [])]);
    await client.ended;
    await waitUntil(() => upstream.open.size === 0);
  });

  it('lets connections wait while there is no target between two, and resets them where none is to come', async (t) => {
    const { port, plane } = await withPort(t, echo);
    plane.route([entry(port, [], true)]);
    const client = dial(t, port.host);
    client.socket.end('waited');
    await waitUntil(() => plane.traffic.underWay.now()() === 1);
    plane.route([entry(port, [{ id: 'c2', port: 1 }])]);
    await client.ended;
    assert.equal(client.received(), 'waited');
    plane.route([entry(port, [])]);
    const refused = dial(t, port.host);
    await refused.ended;
    assert.equal(refused.brokenBy(), 'ECONNRESET');
  });

  it('finds another target for who could not be connected, and tries again where there is none', async (t) => {
    const { port, plane, upstream } = await withPort(t, echo);
    const nobody = await freePort();
    plane.route([entry({ ...port, container: nobody }, [{ id: 'c1', port: 1 }])]);
    const client = dial(t, port.host);
    client.socket.end('patient');
    await waitUntil(() => plane.traffic.underWay.now()() === 1);
    assert.equal(upstream.accepted(), 0);
    await startTcp(t, echo, nobody);
    await client.ended;
    assert.equal(client.received(), 'patient');
  });
});

describe('the listeners of ports', () => {
  it('open and close with the table, and leave alone who is there', async (t) => {
    const { port, plane } = await withPort(t, echo);
    const client = dial(t, port.host);
    client.socket.write('one');
    await waitUntil(() => client.received() === 'one');
    plane.route([entry(null, [{ id: 'c1', port: 1 }])]);
    await waitUntil(async () => {
      const late = dial(t, port.host);
      await late.ended;
      return late.brokenBy() === 'ECONNREFUSED';
    });
    client.socket.end(' and two');
    await client.ended;
    assert.equal(client.received(), 'one and two');
    plane.route([entry(port, [{ id: 'c1', port: 1 }])]);
    await isOpen(plane);
  });

  it('try again while somebody else has the port', async (t) => {
    const plane = await startPlane(t);
    const upstream = await startTcp(t, echo);
    const other = await startTcp(t, (socket) => socket.destroy());
    plane.route([entry({ host: other.port, container: upstream.port }, [{ id: 'c1', port: 1 }])]);
    await waitUntil(() => /EADDRINUSE/.test(plane.ports.states()[0]?.problem ?? ''));
    assert.equal(plane.listening.port() !== null, true);
    await other.close();
    await isOpen(plane);
    const client = dial(t, other.port);
    client.socket.end('hello');
    await client.ended;
    assert.equal(client.received(), 'hello');
  });

  it('close with the door, and let connections end until the drain time is over', async (t) => {
    const { port, plane } = await withPort(t, echo);
    const [quick, slow] = [dial(t, port.host), dial(t, port.host)];
    await waitUntil(() => plane.traffic.openOf('c1') === 2);
    const closed = plane.listening.close();
    await waitUntil(() => plane.listening.isStopping());
    quick.socket.end('in time');
    await quick.ended;
    assert.equal(quick.received(), 'in time');
    await closed;
    await slow.ended;
    await waitUntil(() => plane.traffic.underWay.now()() === 0);
  });

  it('close where the settings switch the proxy off', async (t) => {
    const { port, plane } = await withPort(t, echo);
    plane.route([entry(port, [{ id: 'c1', port: 1 }])], { enabled: false });
    await waitUntil(async () => {
      const late = dial(t, port.host);
      await late.ended;
      return late.brokenBy() === 'ECONNREFUSED';
    });
  });
});
