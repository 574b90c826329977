import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import type { AnswerHead } from './core/answer-head.ts';
import { errorPage } from './core/error-page.ts';
import { Http1Client } from './http1-client.ts';
import { createReadAhead } from './read-ahead.ts';
import { withHttpUpstream } from './testing/arrange.ts';
import { open } from './testing/http-client.ts';
import { sendRaw } from './testing/raw-http.ts';
import { stable } from './testing/stable.ts';

const megabyte = 1_048_576;

interface Asked {
  readonly version?: '1.0' | '1.1';
  readonly headers?: string;
  readonly isStopping?: boolean;
}

/** What a client on a raw connection gets when `answer` answers it. The connection closes after the request, if the answer does not. */
async function received(
  t: TestContext,
  answer: (client: Http1Client) => void,
  { version = '1.1', headers = '', isStopping = false }: Asked = {},
) {
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const body = request.headers['content-length'] === undefined ? 'none' : 'length';
    const facts = { body, expectsContinue: request.headers.expect !== undefined } as const;
    answer(new Http1Client({ request, response, facts, isStopping: () => isStopping, readAhead: createReadAhead({ each: 1, all: 1 }) }));
    response.once('finish', () => setImmediate(() => request.socket.end()));
  };
  const server = createServer(serve);
  server.on('checkContinue', serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return await sendRaw(port, `GET / HTTP/${version}\r\nHost: web.test\r\n${headers}\r\n`);
}

function head(rest: Partial<AnswerHead> = {}): AnswerHead {
  return {
    kind: 'head',
    status: 200,
    reason: 'OK',
    headers: [],
    body: { kind: 'chunked' },
    trailer: null,
    keepAlive: true,
    keepAliveMs: null,
    ...rest,
  };
}

describe('an HTTP/1 client', () => {
  it('gets a whole answer with its length, however it was framed before', async (t) => {
    const answer = await received(t, (client) => client.begin(head({ trailer: 'X-Sum' }), 'hello'));
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\nContent-Length: 5\r\n[\s\S]*\r\n\r\nhello$/);
    assert.doesNotMatch(answer, /Trailer/, 'none follow');
  });

  it('gets pieces in chunks, with the trailers that were announced', async (t) => {
    const answer = await received(t, (client) => {
      client.begin(head({ trailer: 'X-Sum' }), null);
      client.write(Buffer.from('hello'));
      client.end(['X-Sum', '1']);
    });
    assert.match(answer, /Trailer: X-Sum\r\n[\s\S]*\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n$/);
  });

  it('of version 1.0 gets neither chunks nor trailers nor interim answers', async (t) => {
    const answer = await received(
      t,
      (client) => {
        client.inform(head({ status: 103, reason: 'Early Hints', headers: ['Link', '</a>'] }));
        client.begin(head({ trailer: 'X-Sum' }), null);
        client.write(Buffer.from('hello'));
        client.end([]);
      },
      { version: '1.0' },
    );
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nhello$/);
    assert.doesNotMatch(answer, /Trailer|Early Hints|chunked/);
  });

  it('gets 100 only if it asked for that', async (t) => {
    const answer = (client: Http1Client) => {
      client.inform(head({ status: 100, reason: 'Continue' }));
      client.begin(head(), 'ok');
    };
    assert.doesNotMatch(await received(t, answer), /100 Continue/);
    assert.match(await received(t, answer, { headers: 'Expect: 100-continue\r\n' }), /^HTTP\/1\.1 100 Continue\r\n/);
  });

  it('is told to close the connection when the proxy stops', async (t) => {
    assert.match(await received(t, (client) => client.begin(head(), 'ok'), { isStopping: true }), /Connection: close\r\n/);
    assert.doesNotMatch(await received(t, (client) => client.begin(head(), 'ok')), /Connection: close\r\n/);
  });

  it('is told to close it when it still holds back a body that nobody wants', async (t) => {
    const headers = 'Expect: 100-continue\r\nContent-Length: 3\r\n';
    assert.match(await received(t, (client) => client.begin(head({ status: 413 }), 'no'), { headers }), /Connection: close\r\n/);
  });

  it('gets an answer of the proxy’s own', async (t) => {
    const answer = await received(t, (client) => client.refuse(errorPage(404, { accept: client.accept }), true), {
      headers: 'Accept: application/json\r\n',
    });
    assert.match(answer, /^HTTP\/1\.1 404 Not Found\r\n[\s\S]*Connection: close\r\n[\s\S]*"status":404/);
  });

  it('sees that an answer broke off', async (t) => {
    const answer = await received(t, (client) => {
      client.begin(head(), null);
      client.write(Buffer.from('hello'));
      assert.equal(client.begun, true);
      setImmediate(() => client.breakOff());
    });
    assert.doesNotMatch(answer, /0\r\n\r\n$/);
  });

  it('refuses heads that would split the answer', async (t) => {
    await received(t, (client) => {
      assert.throws(() => client.begin(head({ headers: ['X-Bad', 'a\r\nSet-Cookie: b'] }), 'ok'));
      assert.equal(client.begun, false);
      client.refuse(errorPage(502), true);
    });
  });
});

describe('a download', () => {
  it('flows no faster than the client reads, in constant memory', async (t) => {
    const size = 40 * megabyte;
    let sent = 0;
    const digest = createHash('sha256');
    const { plane } = await withHttpUpstream(t, (_request, response) => {
      response.writeHead(200, { 'Content-Length': size });
      const more = () => {
        while (sent < size) {
          const chunk = Buffer.alloc(megabyte, sent / megabyte);
          digest.update(chunk);
          sent += chunk.length;
          if (!response.write(chunk)) return;
        }
        response.end();
      };
      response.on('drain', more);
      more();
    });
    const response = await open({ port: plane.port });
    await stable(() => sent);
    assert.ok(sent < size * 0.75, `${sent} bytes were taken although nobody reads`);
    const received = createHash('sha256');
    for await (const chunk of response) received.update(chunk);
    assert.equal(received.digest('hex'), digest.digest('hex'));
  });
});
