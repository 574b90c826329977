import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { createReadAhead } from './read-ahead.ts';
import { withHttpUpstream, withRawUpstream } from './testing/arrange.ts';
import { ask } from './testing/http-client.ts';
import { sendRaw } from './testing/raw-http.ts';
import { stable } from './testing/stable.ts';
import { Upload } from './upload.ts';

const megabyte = 1_048_576;

describe('an upload', () => {
  it('flows no faster than the upstream reads, in constant memory', async (t) => {
    const size = 40 * megabyte;
    let read: () => void = () => undefined;
    const received = createHash('sha256');
    const { plane } = await withHttpUpstream(t, (incoming, response) => {
      read = () => {
        incoming.on('data', (chunk) => received.update(chunk));
        incoming.on('end', () => response.end('thanks'));
      };
    });
    for (const headers of [{ 'Content-Length': String(size) }, { 'Transfer-Encoding': 'chunked' }]) {
      const sending = request({
        port: plane.port,
        host: '127.0.0.1',
        method: 'POST',
        headers: { Host: 'web.test', ...headers },
        agent: new Agent(),
      });
      let sent = 0;
      const more = () => {
        while (sent < size) {
          sent += megabyte;
          if (!sending.write(Buffer.alloc(megabyte, sent / megabyte))) return;
        }
        sending.end();
      };
      sending.on('drain', more);
      more();
      await stable(() => sent);
      assert.ok(sent < size * 0.75, `${sent} bytes were taken although nobody reads`);
      read();
      const [response] = await once(sending, 'response');
      assert.equal(response.statusCode, 200);
      response.resume();
      await once(response, 'end');
    }
    const expected = createHash('sha256');
    for (let round = 0; round < 2; round += 1)
      for (let part = 1; part <= size / megabyte; part += 1) expected.update(Buffer.alloc(megabyte, part));
    assert.equal(received.digest('hex'), expected.digest('hex'));
  });

  it('keeps its trailers, without those that frame or route', async (t) => {
    const { plane, upstream } = await withRawUpstream(t, (socket) => {
      let seen = '';
      socket.on('data', (chunk) => {
        seen += chunk.toString('latin1');
        if (seen.includes('\r\n0\r\n') && seen.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
      });
    });
    await sendRaw(
      plane.port,
      'POST / HTTP/1.1\r\nHost: web.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3;ext\r\nabc\r\n0\r\nX-Sum: 1\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n',
    );
    assert.ok(upstream.received().endsWith('\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n'), upstream.received());
  });

  it('waits for the upstream’s own 100 Continue', async (t) => {
    let asked = 0;
    const { plane, upstream } = await withHttpUpstream(t, (incoming, response) => incoming.resume().on('end', () => response.end('taken')));
    upstream.server.on('checkContinue', (incoming, response) => {
      asked += 1;
      response.writeContinue();
      incoming.resume().on('end', () => response.end('continued'));
    });
    const sending = request({
      port: plane.port,
      host: '127.0.0.1',
      method: 'POST',
      headers: { Host: 'web.test', Expect: '100-continue', 'Content-Length': '4' },
      agent: new Agent(),
    });
    sending.flushHeaders();
    await once(sending, 'continue');
    sending.end('body');
    const [response] = await once(sending, 'response');
    response.setEncoding('utf8');
    assert.equal((await response.toArray()).join(''), 'continued');
    assert.equal(asked, 1);
  });

  it('that the upstream does not want is refused without a 100, and the connection closes', async (t) => {
    const { plane, upstream } = await withHttpUpstream(t, () => undefined);
    upstream.server.on('checkContinue', (_incoming, response) => response.writeHead(413, { Connection: 'close' }).end('too much'));
    const answer = await sendRaw(
      plane.port,
      'POST / HTTP/1.1\r\nHost: web.test\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n',
    );
    assert.match(answer, /^HTTP\/1\.1 413 [\s\S]*Connection: close[\s\S]*too much$/);
  });

  it('that is answered before its end still gets the answer, and the upstream connection is not used again', async (t) => {
    const { plane, upstream } = await withRawUpstream(t, (socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')),
    );
    const client = connect({ port: plane.port, host: '127.0.0.1' });
    let received = '';
    client.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    client.write(`POST / HTTP/1.1\r\nHost: web.test\r\nContent-Length: ${megabyte}\r\n\r\n`);
    client.write(Buffer.alloc(megabyte / 2));
    await waitUntil(() => received.endsWith('no'));
    await waitUntil(() => plane.connections() === 0);
    client.write(Buffer.alloc(megabyte / 2));
    client.write('GET /next HTTP/1.1\r\nHost: web.test\r\nConnection: close\r\n\r\n');
    await once(client, 'close');
    assert.equal(received.split('HTTP/1.1 403').length - 1, 2, 'the next request on the client connection is answered');
    assert.equal(upstream.connections(), 2, 'on a fresh upstream connection');
  });

  it('that is answered before its end by an upstream that closes at once still gets the answer', async (t) => {
    const { plane } = await withRawUpstream(t, (socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno', () => socket.destroy())),
    );
    for (let round = 0; round < 20; round += 1) {
      const sending = request({ port: plane.port, host: '127.0.0.1', method: 'POST', headers: { Host: 'web.test' }, agent: new Agent() });
      const answered = once(sending, 'response');
      for (let part = 0; part < 20; part += 1) sending.write(Buffer.alloc(megabyte / 8));
      const [response] = await answered;
      assert.equal(response.statusCode, 413);
      sending.end();
      await response.resume().toArray();
    }
  });

  it('that falls silent becomes 408', async (t) => {
    const { plane } = await withHttpUpstream(t, () => undefined, { KEDGE_UPLOAD_IDLE: '50ms' });
    const answer = await sendRaw(plane.port, 'POST / HTTP/1.1\r\nHost: web.test\r\nContent-Length: 10\r\n\r\npart');
    assert.match(answer, /^HTTP\/1\.1 408 /);
    await waitUntil(() => plane.traffic.openOf('c1') === 0);
  });

  it('may be followed by a long silence of the upstream', async (t) => {
    const { plane } = await withHttpUpstream(
      t,
      (incoming, response) => {
        incoming.resume().on('end', () => setTimeout(() => response.end('at last'), 200));
      },
      { KEDGE_UPLOAD_IDLE: '50ms' },
    );
    assert.equal((await ask({ port: plane.port, method: 'POST', body: 'body' })).body, 'at last');
  });
});

describe('an upload that was read ahead', () => {
  const terms = {
    idleMs: 0,
    onSilence: () => undefined,
    maxBytes: 100,
    onTooMuch: () => undefined,
    onPiece: () => undefined,
    withoutTrailers: null,
  };
  for (const how of ['goes to a target with its trailers', 'is discarded'] as const) {
    it(`makes room for the next one where it ${how}`, async (t) => {
      const readAhead = createReadAhead({ each: 10, all: 13 });
      const isRoom = () => {
        const next = readAhead.begin('c');
        const has = next.keep(Buffer.alloc(4));
        next.release();
        return has;
      };
      const sent: string[] = [];
      const exchange = {
        write: (chunk: Buffer) => sent.push(chunk.toString('latin1')) > 0,
        resume: () => undefined,
        end: (trailers: readonly string[]) => void sent.push(...trailers),
        abort: () => undefined,
      };
      const server = createServer((incoming, response) => {
        const upload = new Upload(incoming, response, readAhead);
        upload.readAhead('c');
        incoming.once('end', () => {
          assert.equal(isRoom(), false);
          setImmediate(() => {
            if (how === 'is discarded') upload.discard();
            else upload.pump(exchange, terms);
            response.end();
          });
        });
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      t.after(() => server.close());
      const { port } = server.address() as AddressInfo;
      const answer = await sendRaw(
        port,
        'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nupload\r\n0\r\nSum: 1\r\n\r\n',
      );
      assert.match(answer, /^HTTP\/1\.1 200 /);
      assert.deepEqual(sent, how === 'is discarded' ? [] : ['upload', 'Sum', '1']);
      assert.equal(isRoom(), true);
    });
  }
});
