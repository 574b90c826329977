import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { endpoints, type TestTarget } from '../testing/endpoints.ts';
import { startDataPlane } from '../testing/start-data-plane.ts';

interface Bound {
  readonly socket: Socket;
  readonly port: number;
  readonly heard: readonly string[];
}

async function bind(t: TestContext, answer: ((text: string) => string) | null, port = 0): Promise<Bound> {
  const socket = createSocket('udp4');
  const heard: string[] = [];
  socket.on('message', (datagram, from) => {
    heard.push(datagram.toString());
    if (answer) socket.send(answer(datagram.toString()), from.port, from.address);
  });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  let isOpen = true;
  socket.once('close', () => {
    isOpen = false;
  });
  t.after(() => isOpen && socket.close());
  return { socket, port: socket.address().port, heard };
}

/** A free port for datagrams. */
async function freePort(t: TestContext): Promise<number> {
  const { socket, port } = await bind(t, null);
  socket.close();
  await once(socket, 'close');
  return port;
}

/** A plane with a port of UDP, and what it may lead to. */
async function withPort(t: TestContext, settings: { readonly idle_ms?: number } = {}, environment: Readonly<Record<string, string>> = {}) {
  const plane = await startDataPlane(environment);
  t.after(plane.close);
  const host = await freePort(t);
  const route = (targets: readonly TestTarget[], hold = false) => {
    const ports = [{ host, host_ip: '127.0.0.1', protocol: 'udp', idle_ms: 60_000, ...settings }];
    plane.route([endpoints('dns', targets, { routes: [], ports, ...(hold && { hold }) })]);
  };
  route([]);
  await waitUntil(() => plane.ports.states().every(({ problem }) => problem === null));
  const client = async () => {
    const bound = await bind(t, null);
    return { ...bound, say: (text: string) => bound.socket.send(text, host, '127.0.0.1') };
  };
  return { plane, host, route, client, open: () => plane.traffic.connections.udp };
}

describe('a port of UDP', () => {
  it('carries datagrams both ways, each client by itself, and takes turns among ready targets', async (t) => {
    const { route, client, plane, open } = await withPort(t);
    const [one, two] = [await bind(t, (text) => `one ${text}`), await bind(t, (text) => `two ${text}`)];
    route([
      { id: 'c1', port: one.port },
      { id: 'c2', port: two.port },
    ]);
    const clients = await Promise.all([client(), client()]);
    for (const [index, { say, heard }] of clients.entries()) {
      say(`${index} a`);
      await waitUntil(() => heard.length === 1);
      say(`${index} b`);
      await waitUntil(() => heard.length === 2);
    }
    const said = clients.map(({ heard }) => heard.map((text) => text.split(' ')));
    assert.deepEqual(new Set(said.map(([first]) => first?.[0])), new Set(['one', 'two']));
    for (const [index, [first, second]] of said.entries()) {
      assert.deepEqual(first?.slice(1), [String(index), 'a']);
      assert.deepEqual(second, [first?.[0], String(index), 'b'], 'a client stays with its target');
    }
    assert.deepEqual([open(), plane.traffic.openOf('c1'), plane.traffic.openOf('c2')], [2, 1, 1]);
  });

  it('forgets who is silent for as long as is declared', async (t) => {
    const { route, client, open, plane } = await withPort(t, { idle_ms: 60 });
    const target = await bind(t, (text) => text);
    route([{ id: 'c1', port: target.port }]);
    const { say, heard } = await client();
    say('hello');
    await waitUntil(() => heard.length === 1);
    await waitUntil(() => open() === 0 && plane.traffic.openOf('c1') === 0);
    say('again');
    await waitUntil(() => heard.length === 2);
  });

  it('gives what was said to nobody to another target', async (t) => {
    const { route, client, plane } = await withPort(t);
    const target = await bind(t, (text) => `heard ${text}`);
    const dead = { id: 'c1', port: await freePort(t) };
    route([dead, { id: 'c2', port: target.port }]);
    const clients = await Promise.all([client(), client()]);
    for (const { say } of clients) say('hello');
    for (const { heard } of clients) await waitUntil(() => heard.length === 1);
    assert.deepEqual(target.heard, ['hello', 'hello']);
    assert.equal(plane.traffic.openOf('c1'), 0);
  });

  it('keeps the first datagrams while a service is between two targets', async (t) => {
    const { route, client, open } = await withPort(t);
    route([], true);
    const { say, heard } = await client();
    for (const text of ['a', 'b', 'c']) say(text);
    const target = await bind(t, (text) => text);
    await waitUntil(() => open() === 1);
    route([{ id: 'c1', port: target.port }]);
    await waitUntil(() => heard.length === 3);
    assert.deepEqual(heard, ['a', 'b', 'c']);
  });

  it('takes a target that cannot be connected for one that is not there', async (t) => {
    const { route, client, plane } = await withPort(t);
    const target = await bind(t, (text) => `heard ${text}`);
    route([
      { id: 'c1', port: 9, address: '255.255.255.255' },
      { id: 'c2', port: target.port },
    ]);
    const clients = await Promise.all([client(), client(), client()]);
    for (const { say } of clients) say('hello');
    for (const { heard } of clients) await waitUntil(() => heard.length === 1);
    assert.deepEqual([plane.traffic.openOf('c1'), plane.traffic.openOf('c2')], [0, 3]);
  });

  it('says nothing twice that a silent target had for a second', async (t) => {
    const { route, client, open } = await withPort(t);
    const [silent, next] = [await bind(t, null), await bind(t, null)];
    route([{ id: 'c1', port: silent.port }]);
    const { say } = await client();
    say('old');
    await waitUntil(() => silent.heard.length === 1);
    const heardAt = performance.now();
    await waitUntil(() => performance.now() - heardAt > 1_100);
    silent.socket.close();
    route([
      { id: 'c1', port: silent.port },
      { id: 'c2', port: next.port },
    ]);
    say('lost');
    await waitUntil(() => open() === 0);
    say('new');
    await waitUntil(() => next.heard.length === 1);
    assert.deepEqual(next.heard, ['new']);
  });

  it('leaves a target that drains in the next silence, and one that is gone at once', async (t) => {
    const { route, client, plane } = await withPort(t);
    const [old, young] = [await bind(t, () => 'old'), await bind(t, () => 'young')];
    route([{ id: 'c1', port: old.port }]);
    const [quiet, loud] = await Promise.all([client(), client()]);
    for (const { say, heard } of [quiet, loud]) {
      say('hello');
      await waitUntil(() => heard.length === 1);
    }
    const draining = { id: 'c1', port: old.port, state: 'draining' as const };
    route([draining, { id: 'c2', port: young.port }]);
    loud.say('still there?');
    await waitUntil(() => loud.heard.length === 2);
    assert.equal(loud.heard[1], 'old');
    await waitUntil(() => plane.traffic.openOf('c1') === 0);
    quiet.say('hello again');
    await waitUntil(() => quiet.heard.length === 2);
    assert.equal(quiet.heard[1], 'young');
    route([{ id: 'c3', port: old.port }]);
    assert.equal(plane.traffic.openOf('c2'), 0);
  });

  it('begins anew with whoever is ready when a target that answered is gone', async (t) => {
    const { route, client, open } = await withPort(t);
    const [first, second] = [await bind(t, () => 'first'), await bind(t, () => 'second')];
    route([{ id: 'c1', port: first.port }]);
    const { say, heard } = await client();
    say('hello');
    await waitUntil(() => heard.length === 1);
    first.socket.close();
    route([
      { id: 'c1', port: first.port },
      { id: 'c2', port: second.port },
    ]);
    say('to nobody');
    await waitUntil(() => open() === 0);
    say('hello');
    await waitUntil(() => heard.length === 2);
    assert.equal(heard[1], 'second');
  });

  it('is tried again while somebody else has it, and leaves nothing behind of each time', async (t) => {
    const other = await bind(t, null);
    const plane = await startDataPlane();
    t.after(plane.close);
    const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'UDPWrap').length;
    await waitUntil(() => sockets() === 1);
    const port = { host: other.port, host_ip: '127.0.0.1', protocol: 'udp', idle_ms: 60_000 };
    plane.route([endpoints('dns', [], { routes: [], ports: [port] })]);
    await waitUntil(() => /EADDRINUSE/.test(plane.ports.states()[0]?.problem ?? ''));
    await waitUntil(() => sockets() === 1);
    other.socket.close();
    await waitUntil(() => plane.ports.states()[0]?.problem === null);
  });

  it('closes with the proxy, and what was owed comes before', async (t) => {
    const { route, client, plane, open } = await withPort(t);
    const target = await bind(t, (text) => text);
    route([{ id: 'c1', port: target.port }]);
    const { say, heard } = await client();
    say('hello');
    await waitUntil(() => open() === 1);
    await plane.listening.close();
    assert.deepEqual(heard, ['hello']);
    assert.equal(open(), 0);
  });
});
