import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { waitUntil } from '@kedge/shared/testing';
import { endpoints } from '../testing/endpoints.ts';
import { startDataPlane } from '../testing/start-data-plane.ts';
import { dial, echo, freePort, startTcp } from '../testing/tcp.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

interface Declared {
  readonly proxy_protocol?: string;
  readonly tls_host?: string | null;
}

function portOf({ tls_host = 'db.test', ...port }: Declared & { readonly host: number; readonly container: number }) {
  return { idle_ms: 60_000, host_ip: '127.0.0.1', ...port, ...(tls_host !== null && { tls_host }) };
}

/** A plane with a port on which clients speak TLS, and one upstream behind it that they do not speak it with. */
async function withTls(
  t: TestContext,
  onConnection: Parameters<typeof startTcp>[1],
  { environment = {}, ...declared }: Readonly<Declared> & { readonly environment?: Readonly<Record<string, string>> } = {},
) {
  const plane = await startDataPlane({ KEDGE_CERTIFICATES: 'self-signed', KEDGE_STATE_DIR: await temporaryFolder(), ...environment });
  t.after(plane.close);
  const upstream = await startTcp(t, onConnection);
  const host = await freePort();
  const port = portOf({ host, container: upstream.port, ...declared });
  plane.route([endpoints('db', [{ id: 'c1', port: 1 }], { routes: [], ports: [port] })]);
  await waitUntil(() => plane.ports.states().every(({ problem }) => problem !== 'not yet tried'));
  return { plane, upstream, port: host };
}

function dialTls(
  t: TestContext,
  port: number,
): { readonly socket: TLSSocket; readonly received: () => string; readonly ended: Promise<unknown> } {
  const socket = connect({ port, host: '127.0.0.1', servername: 'db.test', rejectUnauthorized: false });
  let received = '';
  const ended = new Promise((resolve) => void socket.once('end', resolve).once('close', resolve));
  socket.on('data', (piece: Buffer) => {
    received += piece.toString('latin1');
  });
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  return { socket, received: () => received, ended };
}

const mebibyte = 'x'.repeat(1_048_576);

describe('a port with TLS', () => {
  it('shows the certificate of its host, and carries a mebibyte both ways and the end of each half', async (t) => {
    const { port, plane } = await withTls(t, echo);
    const client = dialTls(t, port);
    await once(client.socket, 'secureConnect');
    assert.match(client.socket.getPeerCertificate().subjectaltname ?? '', /DNS:db\.test/);
    client.socket.end(mebibyte);
    await client.ended;
    assert.equal(client.received(), mebibyte);
    await waitUntil(() => plane.traffic.openOf('c1') === 0 && plane.traffic.connections.tcp === 0);
  });

  it('tells the target who comes, and resets the client when the target does', async (t) => {
    const { port, upstream } = await withTls(t, echo, { proxy_protocol: 'v1' });
    const client = dialTls(t, port);
    await once(client.socket, 'secureConnect');
    client.socket.write('hello');
    await waitUntil(() => client.received() === `PROXY TCP4 127.0.0.1 127.0.0.1 ${client.socket.localPort} ${port}\r\nhello`);
    const broken = new Promise((resolve) => void client.socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code)));
    for (const socket of upstream.open) socket.resetAndDestroy();
    assert.equal(await broken, 'ECONNRESET');
  });

  it('lets nobody through to the target who does not speak it, or not in time', async (t) => {
    const { port, upstream, plane } = await withTls(t, echo, { environment: { KEDGE_CLIENT_HEADERS: '100ms' } });
    const [plain, silent] = [dial(t, port), dial(t, port)];
    plain.socket.write('GET / HTTP/1.1\r\n\r\n');
    await Promise.all([plain.ended, silent.ended]);
    assert.equal(upstream.accepted(), 0);
    assert.equal(plane.traffic.connections.tcp, 0);
  });

  it('ends who speaks something else after both agreed, and the way to the target with it', async (t) => {
    const { port, plane, upstream } = await withTls(t, echo);
    const beneath = dial(t, port);
    await once(beneath.socket, 'connect');
    // TLS by way of something that is no socket, so that the socket is free for other bytes.
    const way = new Duplex({ read: () => undefined, write: (chunk, _encoding, done) => void beneath.socket.write(chunk, () => done()) });
    beneath.socket.on('data', (piece) => way.push(piece));
    const socket = connect({ socket: way, servername: 'db.test', rejectUnauthorized: false });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    socket.write('hello');
    await waitUntil(() => upstream.accepted() === 1 && plane.traffic.openOf('c1') === 1);
    beneath.socket.write(Buffer.from('17030300056465616462', 'hex'));
    await waitUntil(() => plane.traffic.openOf('c1') === 0 && plane.traffic.connections.tcp === 0);
  });

  it('stays closed where there are no certificates', async (t) => {
    const { plane } = await withTls(t, echo, { environment: { KEDGE_CERTIFICATES: 'none' } });
    assert.match(plane.ports.states()[0]?.problem ?? '', /there are no certificates here; KEDGE_CERTIFICATES=self-signed makes them/);
  });

  it('closes where it was open without, and there are no certificates', async (t) => {
    const { plane, port, upstream } = await withTls(t, echo, { environment: { KEDGE_CERTIFICATES: 'none' }, tls_host: null });
    const [early, late] = [dial(t, port), dial(t, port)];
    early.socket.write('hello');
    await waitUntil(() => early.received() === 'hello');
    plane.route([endpoints('db', [{ id: 'c1', port: 1 }], { routes: [], ports: [portOf({ host: port, container: upstream.port })] })]);
    const refused = dial(t, port);
    await waitUntil(() => /there are no certificates here/.test(plane.ports.states()[0]?.problem ?? ''));
    await refused.ended;
    for (const { socket } of [early, late]) socket.write('!');
    await waitUntil(() => early.received() === 'hello!' && late.received() === '!');
  });

  it('ends who did not agree on it yet when the proxy ends', async (t) => {
    const { port, plane } = await withTls(t, echo);
    const client = dial(t, port);
    await once(client.socket, 'connect');
    await waitUntil(() => plane.listening.port() !== null);
    await Promise.all([plane.listening.close(), client.ended]);
  });
});
