import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { createPipeline } from './pipeline.ts';

const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: web.test\r\n\r\n`;

/** A server whose requests begin when the pipeline says so, and a client that writes what it likes. */
async function arrange(t: TestContext) {
  const pipeline = createPipeline();
  const begun: string[] = [];
  const answers = new Map<string, ServerResponse>();
  const server = createServer((request, response) =>
    pipeline.enter({ request, response }, (turn) => {
      begun.push(turn.request.url ?? '');
      answers.set(turn.request.url ?? '', turn.response);
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const client = connect({ port: typeof address === 'object' && address ? address.port : 0, host: '127.0.0.1' });
  let received = '';
  client.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  client.on('error', () => client.destroy());
  t.after(() => {
    client.destroy();
    server.close();
    server.closeAllConnections();
  });
  return { pipeline, client, begun, answer: (path: string) => answers.get(path)?.end(path), received: () => received };
}

describe('requests on one connection', () => {
  it('begin one after another, each when the one before it was answered', async (t) => {
    const { client, begun, answer, received } = await arrange(t);
    client.write(ask('/1') + ask('/2') + ask('/3'));
    await waitUntil(() => begun.length === 1);
    answer('/1');
    await waitUntil(() => begun.length === 2);
    assert.deepEqual(begun, ['/1', '/2']);
    answer('/2');
    await waitUntil(() => begun.length === 3);
    answer('/3');
    await waitUntil(() => received().endsWith('/3'));
    assert.deepEqual(received().match(/\/\d$|\/\d(?=HTTP)/g), ['/1', '/2', '/3']);
  });

  it('do not begin when the client went away before their turn', async (t) => {
    const { client, begun, answer, pipeline } = await arrange(t);
    client.write(ask('/1') + ask('/2'));
    await waitUntil(() => begun.length === 1);
    client.destroy();
    answer('/1');
    await waitUntil(() => client.destroyed);
    assert.deepEqual(begun, ['/1']);
    assert.equal(pipeline.lastOf(client), null, 'it knows the connections of the server only');
  });

  it('cost the connection when too many wait', async (t) => {
    const { client, begun } = await arrange(t);
    client.write(ask('/').repeat(200));
    await waitUntil(() => client.destroyed);
    assert.deepEqual(begun, ['/']);
  });
});
