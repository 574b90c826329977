import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { WebSocketServer } from 'ws';
import { type LoadReport, startLoad } from './load.ts';

const host = 'app.example';
/** Messages of each endless stream before the application behaves as told. */
const healthyFor = 3;

/** What the application does on its endless streams in the end. */
type Ending = 'goes on' | 'goes mute' | 'says good-bye' | 'ends without a word' | 'says something else';

/** An application that serves v1, until the test is over. */
async function startApp(test: TestContext, ending: Ending): Promise<number> {
  const server = createServer((request, response) => void answer(request, response, ending));
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    let said = 0;
    socket.on('message', (data) => {
      said += 1;
      if (said <= healthyFor || ending === 'goes on') return socket.send(String(data));
      if (ending === 'says something else') socket.send('something else');
      if (ending === 'says good-bye') socket.close(1001);
      if (ending === 'ends without a word') socket.terminate();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function answer(request: IncomingMessage, response: ServerResponse, ending: Ending): Promise<void> {
  if (request.url === '/events') return tell(response, ending);
  if (request.url?.startsWith('/slow')) return void response.end('slow v1');
  if (request.url !== '/echo') return void response.end('v1');
  const sent = (await request.toArray()) as readonly Buffer[];
  const whole = Buffer.concat(sent);
  response.end(`${whole.length} ${createHash('sha256').update(whole).digest('hex')}`);
}

function tell(response: ServerResponse, ending: Ending): void {
  let said = 0;
  const ticking = setInterval(() => {
    said += 1;
    if (said <= healthyFor || ending === 'goes on') return response.write('data: v1\n\n');
    clearInterval(ticking);
    if (ending === 'says something else') response.write('data: v9\n\n');
    if (ending === 'says good-bye') response.end('event: end\ndata: bye\n\n');
    if (ending === 'ends without a word') response.end();
  }, 20);
  response.on('close', () => clearInterval(ticking));
}

describe('the load', () => {
  async function reportOf(test: TestContext, ending: Ending, isEnough: (report: LoadReport) => boolean): Promise<LoadReport> {
    // Where nothing goes mute, nobody is hurried: application and load share a process, which may be slow.
    const silence = ending === 'goes mute' ? { silenceMs: 300 } : {};
    const load = startLoad({ port: await startApp(test, ending), host, versions: ['v1'], slowMs: 10, ...silence });
    await waitUntil(() => isEnough(load.report), { timeoutMs: 20_000 });
    return await load.stop();
  }
  const failed = ({ failures }: LoadReport, kind: string) => failures.filter((failure) => failure.includes(` ${kind}: `));

  it('counts every kind of answer and every message of an endless stream', async (test) => {
    const kinds = ['keep-alive', 'fresh', 'post', 'slow', 'event', 'websocket message'];
    const report = await reportOf(test, 'goes on', ({ requests }) => kinds.every((kind) => (requests[kind] ?? 0) > 3));
    assert.deepEqual(report.failures, []);
    assert.deepEqual(report.reopened, {});
  });

  it('takes a good-bye for no failure, and comes again', async (test) => {
    const report = await reportOf(test, 'says good-bye', ({ reopened }) => (reopened.events ?? 0) > 1 && (reopened.websocket ?? 0) > 1);
    assert.deepEqual(report.failures, []);
  });

  const failures: readonly (readonly [Ending, Readonly<Record<'events' | 'websocket', RegExp>>])[] = [
    ['goes mute', { events: /said nothing for 300 ms/, websocket: /no echo of "message \d" for 300 ms/ }],
    ['ends without a word', { events: /without its good-bye/, websocket: /closed with 1006/ }],
    ['says something else', { events: /said "data: v9"/, websocket: /heard "something else"/ }],
  ];
  for (const [ending, wanted] of failures) {
    it(`notices an open stream that ${ending}`, async (test) => {
      const report = await reportOf(test, ending, (each) => failed(each, 'events').length > 0 && failed(each, 'websocket').length > 0);
      for (const [kind, reason] of Object.entries(wanted)) for (const failure of failed(report, kind)) assert.match(failure, reason);
      assert.deepEqual(report.reopened, {});
      assert.equal(failed(report, 'events').length + failed(report, 'websocket').length, report.failures.length);
    });
  }
});
