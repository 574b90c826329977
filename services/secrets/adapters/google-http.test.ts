import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { askGoogle } from './google-http.ts';

const canary = 'c4nary';

describe('one question to Google', () => {
  let server: Server;
  let url: URL;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  before(async () => {
    server = createServer((request, response) => answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('gives back any answer that is no reason to come back later, and null for what is no JSON', async () => {
    answer = (_request, response) => void response.writeHead(404).end('{"a":1}');
    assert.deepEqual(await askGoogle({ url, headers: {} }), { status: 404, body: { a: 1 } });
    answer = (_request, response) => void response.end('<html>');
    assert.deepEqual(await askGoogle({ url, headers: {} }), { status: 200, body: null });
  });

  it('posts a form where there is one', async () => {
    const asked: (string | undefined)[] = [];
    answer = (request, response) => {
      asked.push(request.method, request.headers['content-type']);
      request.setEncoding('utf8').on('data', (text: string) => asked.push(text));
      request.on('end', () => response.end('{}'));
    };
    await askGoogle({ url, headers: {}, form: { grant: 'x y' } });
    assert.deepEqual(asked, ['POST', 'application/x-www-form-urlencoded;charset=UTF-8', 'grant=x+y']);
  });

  it('follows no redirect: what proves who we are goes along', async () => {
    let asked = 0;
    answer = (_request, response) => {
      asked += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    };
    assert.deepEqual([(await askGoogle({ url, headers: {} })).status, asked], [302, 1]);
  });

  const troubles: readonly (readonly [what: string, answer: typeof answer, message: RegExp])[] = [
    ['a pause is asked for', (_request, response) => void response.writeHead(429).end(canary), /: it answered 429;/],
    ['it fails', (_request, response) => void response.writeHead(503).end(canary), /: it answered 503;/],
    ['the answer has no end', (_request, response) => void response.end('x'.repeat(300_000)), /longer than 262144 bytes/],
    ['it hangs up', (request) => void request.socket.destroy(), /: UND_ERR_SOCKET;/],
  ];
  for (const [what, given, message] of troubles) {
    it(`is one for later when ${what}, and nothing of the answer is told`, async () => {
      answer = given;
      await assert.rejects(askGoogle({ url, headers: { authorization: canary } }), (thrown: Error) => {
        assert.deepEqual([thrown.name, 'code' in thrown && thrown.code], ['RetryableError', 'SECRET_SOURCE_UNREACHABLE']);
        assert.match(thrown.message, message);
        assert.ok(!JSON.stringify([thrown.message, thrown]).includes(canary));
        return true;
      });
    });
  }
});
