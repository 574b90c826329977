import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Bus } from '@kedge/shared/bus';
import { type DoctorReply, eventStream, type Finding } from '@kedge/shared/contracts';
import { type ComponentProcess, startComponentProcess, startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import { type LocalServer, startLocalServer } from './adapters/testing/local-server.ts';

const main = new URL('main.ts', import.meta.url);
const dockerSocket = '/var/run/docker.sock';

/** Hands everything on to the real engine, which then answers to another id. */
function pretendToBe(id: string) {
  return (asked: IncomingMessage, answer: ServerResponse): void => {
    const { method, url: path, headers } = asked;
    const onward = request({ socketPath: dockerSocket, method, path, headers }, (reply) => void pass(reply));
    async function pass(reply: IncomingMessage): Promise<void> {
      if (/\/info\b/.test(path ?? '')) {
        const info = JSON.parse(await text(reply)) as object;
        answer.writeHead(reply.statusCode ?? 500, { 'content-type': 'application/json' }).end(JSON.stringify({ ...info, ID: id }));
      } else {
        answer.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(answer);
      }
    }
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  };
}

describe('reconcilers as processes', () => {
  let testBus: TestBus;
  let cli: Bus;
  let folder: string;
  const engines: LocalServer[] = [];
  const running = new Set<ComponentProcess>();
  const socketOf = (engine: string) => join(folder, `${engine}.sock`);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-engines-'));
    for (const engine of ['a', 'b']) engines.push(await startLocalServer(pretendToBe(`engine ${engine}`), { path: socketOf(engine) }));
    testBus = await startTestBus();
    cli = await testBus.connect('cli');
  });
  after(async () => {
    await Promise.all([...running].map(async (component) => await component.stop('SIGKILL')));
    await Promise.all(engines.map(async (engine) => await engine.close()));
    await testBus.close();
    await rm(folder, { recursive: true });
  });

  const environmentOf = (instance: string, socket: string, node: string) => ({
    KEDGE_BUS_URL: testBus.url,
    KEDGE_KEYS: testBus.keysFolder('reconciler'),
    KEDGE_INSTANCE: instance,
    KEDGE_NODE: node,
    KEDGE_DOCKER_SOCKET: socket,
  });

  async function start(instance: string, socket: string, { node = 'home', until = 'ready' as 'ready' | 'listening' } = {}) {
    const component = await startComponentProcess({ main, environment: environmentOf(instance, socket, node), until });
    running.add(component);
    return component;
  }

  /** One reply of each instance that answers. */
  async function examine(): Promise<ReadonlyMap<string, DoctorReply>> {
    const replies = await Promise.all(Array.from({ length: 24 }, async () => await cli.request('doctor.reconciler', {})));
    return new Map(replies.map((reply) => [reply.instance, reply]));
  }

  const findingOf = (reply: DoctorReply | undefined, what: string): Finding | undefined =>
    reply?.findings.find((finding) => finding.what === what);

  it('act on one engine one at a time: the other stands by, says for whom, and has no looks to tell of', async () => {
    const one = await start('one', socketOf('a'));
    await waitUntil(async () => (await examine()).get('one')?.lastPassAt);
    await start('two', socketOf('a'));
    const replies = await waitUntil(async () => {
      const heard = await examine();
      return heard.size === 2 && heard;
    });
    assert.equal(findingOf(replies.get('one'), 'role')?.message, 'this instance acts on the engine');
    assert.equal(findingOf(replies.get('two'), 'role')?.message, 'this instance stands by: one acts on the engine');
    assert.deepEqual([replies.get('two')?.standsBy, replies.get('two')?.lastPassAt], [true, null]);
    for (const reply of replies.values()) {
      const bad = reply.findings.filter(({ what, state }) => state !== 'fine' && what !== 'disk');
      assert.deepEqual(bad, []);
    }
    assert.match((await one.get('/readyz')).body, /"commands":true/);
  });

  it('refuse to start under the node name of another engine: they end with 1, and say what to do', async () => {
    const environment = { PATH: process.env.PATH, KEDGE_HEALTH_PORT: '0', ...environmentOf('three', socketOf('b'), 'home') };
    const child = spawn(process.execPath, [fileURLToPath(main)], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    assert.equal(code, 1);
    assert.match(output, /NODE_TAKEN/);
    assert.match(output, /another engine acts under the node name home: give each machine a KEDGE_NODE of its own/);
    // Whoever had the name acts as before, and nobody else was ever asked.
    assert.deepEqual([...(await examine()).keys()].toSorted(), ['one', 'two']);
    const free = await start('four', socketOf('b'), { node: 'elsewhere' });
    running.delete(free);
    assert.equal(await free.stop(), 0);
  });

  it('say that nobody takes commands when the consumer is gone', async () => {
    const commands = async () => findingOf((await examine()).get('one'), 'commands');
    assert.equal((await commands())?.state, 'fine');
    await testBus.asOwner(async (store) => await store.consumers.delete(eventStream, 'reconciler'));
    const found = await commands();
    assert.equal(found?.state, 'failed');
    assert.match(found.advice ?? '', /docker compose up -d/);
    await testBus.provision();
    await waitUntil(async () => (await commands())?.state === 'fine', { timeoutMs: 20_000, what: 'the reader of commands' });
  });

  it('answer in time although the engine hangs, from the start', async () => {
    await Promise.all([...running].map(async (component) => await component.stop('SIGKILL')));
    running.clear();
    const hung = createServer().listen(socketOf('hung'));
    await once(hung, 'listening');
    const component = await start('five', socketOf('hung'), { until: 'listening' });
    const status = await waitUntil(async () => await cli.request('status.services', {}));
    assert.equal(status.engine.reachable, false);
    assert.match(status.engine.message, /did not answer within 3 s/);
    const reply = (await examine()).get('five');
    assert.equal(findingOf(reply, 'engine')?.state, 'failed');
    assert.match(findingOf(reply, 'engine')?.message ?? '', /did not answer within 3 s/);
    assert.equal(findingOf(reply, 'disk')?.what, 'disk');
    running.delete(component);
    await component.stop('SIGKILL');
    hung.close();
  });
});
