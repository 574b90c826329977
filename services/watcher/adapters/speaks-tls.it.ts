import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createServer } from 'node:tls';
import { makeSelfSigned } from '../testing/self-signed.ts';
import { speaksTls } from './speaks-tls.ts';

describe('whether somebody speaks TLS', () => {
  const { signal } = new AbortController();
  async function listen(t: TestContext, server: Server): Promise<URL> {
    t.after(() => server.close());
    const listening = once(server, 'listening');
    server.listen(0, '127.0.0.1');
    await listening;
    return new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  it('yes: with a certificate that nobody trusts, and even with none', async (t) => {
    assert.equal(await speaksTls(await listen(t, createServer(await makeSelfSigned())), signal), true);
    assert.equal(await speaksTls(await listen(t, createServer()), signal), true);
  });

  it('no: plain HTTP, and it sees no request', async (t) => {
    let requests = 0;
    const plain = createHttpServer(() => {
      requests += 1;
    });
    assert.deepEqual([await speaksTls(await listen(t, plain), signal), requests], [false, 0]);
  });

  it('no: who hangs up, or is not there', async (t) => {
    const rude = createNetServer((socket) => socket.destroy());
    const url = await listen(t, rude);
    assert.equal(await speaksTls(url, signal), false);
    const closed = once(rude, 'close');
    rude.close();
    await closed;
    assert.equal(await speaksTls(url, signal), false);
  });

  it('is not found out when it is told to stop', async (t) => {
    const stopping = new AbortController();
    const silent = createNetServer((socket) => {
      t.after(() => socket.destroy());
      stopping.abort(new Error('stopping'));
    });
    await assert.rejects(speaksTls(await listen(t, silent), stopping.signal), { message: 'stopping' });
  });
});
