import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { NodeName } from '@kedge/shared/contracts';
import { silentLog } from '@kedge/shared/testing';
import { z } from 'zod';
import { createDockerApi, type DockerApi, type DockerCall } from './docker-api.ts';
import { createDockerEngine } from './docker-engine.ts';
import { jsonLines } from './json-lines.ts';
import { startLocalServer } from './testing/local-server.ts';

const call: DockerCall = { what: 'do it', method: 'GET', path: '/it', timeoutMs: 300 };
const unreachable = { name: 'RetryableError', code: 'ENGINE_UNREACHABLE' };

async function socketPath(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kedge-engine-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'engine.sock');
}

/** An engine that does what the test says. */
async function fakeEngine(t: TestContext, listener: RequestListener): Promise<DockerApi> {
  const path = await socketPath(t);
  const server = await startLocalServer(listener, { path });
  t.after(() => server.close());
  return createDockerApi({ socketPath: path });
}

async function readAll(answer: AsyncIterable<Uint8Array>): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const line of jsonLines(answer)) lines.push(line);
  return lines;
}

describe('calls to the engine', () => {
  it('send query and body as they are, and the body in the body only', async (t) => {
    let asked = { url: '', body: '', auth: '' };
    const api = await fakeEngine(t, (request, response) => {
      let body = '';
      request.on('data', (bytes) => {
        body += bytes;
      });
      request.on('end', () => {
        asked = { url: request.url ?? '', body, auth: String(request.headers['x-registry-auth']) };
        response.writeHead(201).end('{"Id":"c1","Other":1}');
      });
    });
    const answer = await api.send(
      {
        ...call,
        method: 'POST',
        query: { name: 'web', filters: { type: ['a'] } },
        body: { Env: ['TOKEN=hunter2'] },
        auth: { username: 'me' },
      },
      z.object({ Id: z.string() }),
    );
    assert.deepEqual(answer, { Id: 'c1' });
    assert.equal(asked.url, `/it?name=web&filters=${encodeURIComponent('{"type":["a"]}')}`);
    assert.deepEqual(JSON.parse(asked.body), { Env: ['TOKEN=hunter2'] });
    assert.deepEqual(JSON.parse(Buffer.from(asked.auth, 'base64url').toString()), { username: 'me' });
  });

  it('go to the socket, whatever DOCKER_HOST says', async (t) => {
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = 'tcp://127.0.0.1:1';
    t.after(() => {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    });
    const api = await fakeEngine(t, (_request, response) => void response.end('{"here":true}'));
    assert.deepEqual(await api.send(call, z.unknown()), { here: true });
  });

  it('tell a failure of the engine from a refusal, in its own words', async (t) => {
    const api = await fakeEngine(t, (request, response) => {
      response.writeHead(Number(request.url?.slice(1, 4))).end('{"message":"because"}');
    });
    const answered = (status: number) => api.send({ ...call, path: `/${status}` }, z.unknown());
    const streamed = (status: number) => api.read({ ...call, path: `/${status}` }, readAll);
    for (const ask of [answered, streamed]) {
      await assert.rejects(ask(500), {
        name: 'RetryableError',
        code: 'ENGINE_ERROR',
        message: 'the container engine failed to do it: because',
      });
      await assert.rejects(ask(503), { name: 'RetryableError', code: 'ENGINE_ERROR' });
      await assert.rejects(ask(400), {
        name: 'TerminalError',
        code: 'ENGINE_REFUSED',
        message: 'the container engine refused to do it: because',
      });
      await assert.rejects(ask(418), { name: 'TerminalError', code: 'ENGINE_REFUSED' });
    }
  });

  it('end when the engine accepts the connection and never answers', async (t) => {
    const api = await fakeEngine(t, () => undefined);
    await assert.rejects(api.send(call, z.unknown()), { ...unreachable, message: /did not finish within 300 ms/ });
    await assert.rejects(api.read(call, readAll), unreachable);
    await assert.rejects(api.open(call, new AbortController().signal), unreachable);
  });

  it('end when the answer stops in the middle, and close the connection', async (t) => {
    let closed = 0;
    const api = await fakeEngine(t, (_request, response) => {
      response.on('close', () => (closed += 1));
      response.writeHead(200).write('{"half":');
    });
    await assert.rejects(api.send(call, z.unknown()), unreachable);
    await assert.rejects(api.read(call, readAll), unreachable);
    await t.waitFor(() => assert.equal(closed, 2));
  });

  it('fail when the engine goes away in the middle of an answer', async (t) => {
    const api = await fakeEngine(t, (_request, response) => {
      response.writeHead(200).write('{"line":1}\n', () => response.destroy());
    });
    await assert.rejects(api.send(call, z.unknown()), unreachable);
    await assert.rejects(api.read(call, readAll), unreachable);
    const opened = await api.open(call, new AbortController().signal);
    await assert.rejects(readAll(opened), unreachable);
  });

  it('fail when the answer is not what the API promises', async (t) => {
    const api = await fakeEngine(t, (_request, response) => void response.end('{"Id":5}'));
    await assert.rejects(api.send(call, z.object({ Id: z.string() })), { name: 'RetryableError', code: 'ENGINE_ERROR' });
  });

  it('go on reading an open answer after the bound, until they are told to stop', async (t) => {
    const api = await fakeEngine(t, (_request, response) => {
      response.writeHead(200).write('{"line":1}\n');
      setTimeout(() => response.write('{"line":2}\n'), 500);
    });
    const stop = new AbortController();
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const line of jsonLines(await api.open(call, stop.signal))) {
        seen.push(line);
        if (seen.length === 2) stop.abort();
      }
    })();
    await assert.rejects(reading, unreachable);
    assert.deepEqual(seen, [{ line: 1 }, { line: 2 }]);
    await assert.rejects(api.open(call, stop.signal), unreachable);
  });
});

describe('an engine that cannot be reached', () => {
  it('that are patient end when nothing comes for their time, and not before', async (t) => {
    const api = await fakeEngine(t, (_request, response) => {
      response.writeHead(200);
      let piece = 0;
      const timer = setInterval(() => {
        piece += 1;
        response.write(`{"piece":${piece}}\n`);
        if (piece === 6) clearInterval(timer);
      }, 300);
      response.on('close', () => clearInterval(timer));
    });
    const seen: unknown[] = [];
    const reading = api.read({ ...call, timeoutMs: 1_500, isPatient: true }, async (answer) => {
      for await (const line of jsonLines(answer)) seen.push(line);
    });
    await assert.rejects(reading, unreachable);
    assert.equal(seen.length, 6);
    await assert.rejects(api.read(call, readAll), unreachable);
  });

  it('is ENGINE_UNREACHABLE for every method, whether its socket is missing, dead or no engine', async (t) => {
    const missing = await socketPath(t);
    const dead = await socketPath(t);
    await writeFile(dead, '');
    const mute = await socketPath(t);
    const server = await startLocalServer((request) => void request.socket.destroy(), { path: mute });
    t.after(() => server.close());

    for (const path of [missing, dead, mute]) {
      const engine = createDockerEngine({ socketPath: path, log: silentLog() });
      await assert.rejects(engine.info(), unreachable);
      await assert.rejects(engine.list(NodeName.parse('local')), unreachable);
      await assert.rejects(engine.inspect('x'), unreachable);
      await assert.rejects(engine.image('x'), unreachable);
      await assert.rejects(engine.start('x'), unreachable);
      await assert.rejects(engine.stop('x', 0), unreachable);
      await assert.rejects(engine.logs('x', { lines: 1 }), unreachable);
      await assert.rejects(engine.waitForExit('x', new AbortController().signal), unreachable);
      await assert.rejects(engine.ensureDefaultNetwork('x', '10.0.0.0/16'), unreachable);
    }
  });
});
