import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { makeSelfSigned } from '../adapters/make-self-signed.ts';
import { planSelfSigned } from '../core/self-signed.ts';
import { connectTls } from '../testing/https-client.ts';
import { sendRaw } from '../testing/raw-http.ts';
import { watchHandshakes } from './handshakes.ts';

const { certificate, privateKey } = await makeSelfSigned(planSelfSigned('localhost', new Date()));

async function listening<Listener extends NetServer>(t: TestContext, server: Listener): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function withTls(t: TestContext): Promise<{ server: Server; port: number }> {
  const server = createServer({ cert: certificate, key: privateKey.reveal() }, (_request, response) => response.end('hello'));
  t.after(() => server.closeAllConnections());
  return { server, port: await listening(t, server) };
}

async function connectSilently(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  return socket.resume();
}

describe('connections on which TLS is not agreed on yet', () => {
  it('are ended, and the others are not', async (t) => {
    const { server, port } = await withTls(t);
    const handshakes = watchHandshakes(server);
    let came = 0;
    server.on('connection', () => {
      came += 1;
    });
    const [agreed, silent] = [await connectTls(port), await connectSilently(port)];
    await waitUntil(() => came === 2);
    const gone = once(silent, 'close');
    handshakes.breakOff();
    await gone;
    agreed.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    let received = '';
    for await (const chunk of agreed) received += String(chunk);
    assert.match(received, /hello$/);
  });

  it('end by themselves when something else is spoken, and that is no request', async (t) => {
    const { server, port } = await withTls(t);
    watchHandshakes(server);
    server.on('clientError', () => assert.fail('taken for a broken request'));
    assert.equal(await sendRaw(port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), '');
  });

  it('are none where there is no TLS', async (t) => {
    const server = createPlainServer((_request, response) => response.end('hello'));
    const handshakes = watchHandshakes(server);
    const socket = await connectSilently(await listening(t, server));
    handshakes.breakOff();
    const answered = once(socket, 'data');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const [answer] = await answered;
    assert.match(String(answer), /^HTTP\/1\.1 200 /);
  });
});
