import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { createUpstreamClient } from '../adapters/upstream-client.ts';
import type { UpstreamClient } from '../ports.ts';
import { anySaid, piecesOf, type Said } from '../testing/any-answer.ts';
import { targetAt } from '../testing/exchange.ts';
import { type RawUpstream, startRawUpstream } from '../testing/raw-http.ts';
import { isLong, seed } from '../testing/sample.ts';
import { writePieces } from '../testing/send-pieces.ts';
import { type Told, tellByNode, tellByProxy } from '../testing/told-answer.ts';

/** What node:http takes, and the proxy refuses on purpose. */
const stricter: readonly string[] = [
  'bad-answer: the status line is not valid', // beyond 599 there is none
  'bad-answer: it switches protocols without being asked',
  'bad-answer: the transfer coding is not "chunked"',
  'bad-answer: Connection names "content-length"',
];

/** What node:http refuses, and the proxy takes, because none of it is handed on: bodies are framed anew. */
const looser: readonly { readonly reason: RegExp; readonly begun: boolean; readonly where: RegExp }[] = [
  // The same length twice is one (RFC 9110 §8.6).
  { reason: /Duplicate Content-Length/, begun: false, where: /Content-Length:\s*(\d+)\s*\r\n(?:[^\r]+\r\n)*Content-Length:\s*\1\s*\r\n/i },
  // Trailers that frame are dropped (RFC 9110 §6.5.1).
  { reason: /Content-Length can't be present/, begun: true, where: /\r\n0+[^\n]*\r\n[\s\S]*Content-Length/i },
  // An interim answer that says the connection ends is not the end of it.
  { reason: /Data after `Connection: close`/, begun: false, where: /^HTTP\/1\.\d 1\d\d/ },
  { reason: /Invalid character in chunk size/, begun: true, where: /\r\n[0-9a-f]+[ \t]+(?:;|\r\n)/i },
  { reason: /Invalid character in chunk extensions/, begun: true, where: /\r\n[0-9a-f]+[ \t]*;/i },
];

function isLooser(said: Said, { reason, begun }: { readonly reason: string; readonly begun: boolean }): boolean {
  return looser.some((known) => known.reason.test(reason) && known.begun === begun && known.where.test(said.bytes));
}

/** What an upstream says to one request, and how far it is with it. */
interface Scene {
  readonly pieces: readonly string[];
  readonly hangsUp: boolean;
  /** Set when the client has made up its mind. */
  over: boolean;
  readonly said: PromiseWithResolvers<void>;
}

describe(`answers, as node:http reads them and as the proxy does (KEDGE_TEST_SEED=${seed})`, () => {
  const scenes = new Map<string, Scene>();
  /** What was asked last on a connection. */
  const carried = new WeakMap<Socket, string>();
  let upstream: RawUpstream;
  let client: UpstreamClient;
  let count = 0;

  before(async () => {
    upstream = await startRawUpstream((socket) => {
      let asked = '';
      socket.on('data', (bytes) => {
        asked += bytes.toString('latin1');
        for (let end = asked.indexOf('\r\n\r\n'); end !== -1; end = asked.indexOf('\r\n\r\n')) {
          void reply(socket, asked.split(' ')[1] ?? '');
          asked = asked.slice(end + 4);
        }
      });
    });
    client = createUpstreamClient({ connectTimeoutMs: 5_000, answerTimeoutMs: 0, idleMs: 60_000, connections: 10, queue: 10 });
  });
  after(async () => {
    await client.close();
    await upstream.close();
  });

  async function reply(socket: Socket, path: string): Promise<void> {
    const scene = scenes.get(path);
    const before = carried.get(socket);
    carried.set(socket, path);
    if (!scene) {
      const body = `${path} after ${before ?? 'nothing'}`;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      return;
    }
    await writePieces(socket, scene.pieces);
    for (let turns = 0; turns < 4 && !scene.over; turns += 1) await turn();
    // Who still waits would do so for ever: the end of the connection is the end of what can be told.
    if (scene.hangsUp || !scene.over) socket.end();
    await turn();
    scene.said.resolve();
  }

  async function play(path: string, { pieces, hangsUp }: Pick<Scene, 'pieces' | 'hangsUp'>, tell: () => Promise<Told>): Promise<Told> {
    const scene: Scene = { pieces, hangsUp, over: false, said: Promise.withResolvers() };
    scenes.set(path, scene);
    const told = await tell();
    scene.over = true;
    await scene.said.promise;
    await turn();
    await turn();
    scenes.delete(path);
    return told;
  }

  /** What both make of it, and what the proxy's client is told when it asks for something else next. */
  async function tellBoth(said: Said): Promise<{ readonly node: Told; readonly proxy: Told; readonly next: Told }> {
    const { method, hangsUp } = said;
    count += 1;
    const target = targetAt(upstream.port);
    const byNode = { method, path: `/node-${count}` };
    const byProxy = { method, path: `/proxy-${count}` };
    const node = await play(byNode.path, { pieces: [said.bytes], hangsUp }, async () => await tellByNode(upstream.port, byNode));
    const proxy = await play(byProxy.path, { pieces: piecesOf(said), hangsUp }, async () => await tellByProxy(client, target, byProxy));
    return { node, proxy, next: await tellByProxy(client, target, { method: 'GET', path: `/next-${count}` }) };
  }

  it('are the same, or refused more strictly, and never meet with the next one', async () => {
    const kinds = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(anySaid, async (said) => {
        // A tab may stand there (RFC 9112 §5); node:http takes it for a part of the coding's name.
        fc.pre(!/Transfer-Encoding:[^\r\n]*\t\r\n/i.test(said.bytes));
        const { node, proxy, next } = await tellBoth(said);
        const kind = `${node.kind} ${proxy.kind}`;
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        const body = next.kind === 'answer' ? next.body : next.reason;
        assert.ok(body.startsWith(`/next-${count} after `), body);
        const inDoubt = said.behind !== '' || proxy.kind === 'refused';
        assert.ok(!inDoubt || !body.endsWith(`/proxy-${count}`), 'a connection in doubt is not used again');
        if (node.kind === 'refused') assert.ok(proxy.kind === 'refused' || isLooser(said, node), `node:http says "${node.reason}"`);
        else if (proxy.kind === 'answer') assert.deepEqual(proxy, node);
        else assert.ok(stricter.includes(proxy.reason), `${proxy.reason}, but node:http takes it`);
      }),
      { seed, numRuns: isLong ? 20_000 : 1_000 },
    );
    for (const kind of ['answer answer', 'answer refused', 'refused refused']) assert.ok((kinds.get(kind) ?? 0) > 10, `${kind} is tried`);
  });
});
