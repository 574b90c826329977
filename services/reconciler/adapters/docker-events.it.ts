import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { recordingLog, silentLog, waitUntil } from '@kedge/shared/testing';
import type { EngineEvent } from '../ports.ts';
import { createDockerEngine } from './docker-engine.ts';
import { type EngineWorkbench, openWorkbench, serviceOf } from './testing/engine-workbench.ts';
import { startLocalServer } from './testing/local-server.ts';

describe('events of a real engine', () => {
  let bench: EngineWorkbench;
  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  it('tells of a container from its start to its removal, and asks to look at everything first', async (t) => {
    const seen: EngineEvent[] = [];
    let resyncs = 0;
    const following = bench.engine.follow({ onEvent: (event) => seen.push(event), onResync: () => (resyncs += 1) });
    t.after(() => following.close());
    await waitUntil(() => resyncs === 1);

    const service = ServiceName.parse(serviceOf(bench.run));
    const { id } = await bench.start(bench.plan('watched', 20));
    await bench.engine.stop(id, 2_000);
    await bench.engine.remove(id, { node: bench.node, service });
    const ours = () => seen.filter(({ container }) => container === id);
    await waitUntil(() => ours().some(({ action }) => action === 'destroy'));
    assert.deepEqual(
      ours()
        .map(({ action }) => action)
        .filter((action) => action !== 'other'),
      ['start', 'terminate', 'die', 'destroy'],
    );
    assert.deepEqual(new Set(ours().map((event) => event.service)), new Set([service]));
    assert.deepEqual(new Set(ours().map((event) => event.node)), new Set([bench.node]));

    await following.close();
    await following.close();
    const before = seen.length;
    await bench.start(bench.plan('unwatched', 21));
    assert.equal(seen.length, before);
    assert.equal(resyncs, 1);
  });
});

describe('events of an engine that comes and goes', () => {
  const died = JSON.stringify({ Type: 'container', Action: 'die', Actor: { ID: 'c1', Attributes: { 'kedge.service': 'wéb' } } });
  const started = JSON.stringify({ Type: 'container', Action: 'start', Actor: { ID: 'c2', Attributes: { 'kedge.service': 'web' } } });

  it('connects again by itself and asks to look at everything each time', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-events-'));
    t.after(() => rm(folder, { recursive: true }));
    const path = join(folder, 'engine.sock');
    const open: ServerResponse[] = [];
    const listen = () =>
      startLocalServer(
        (_request, response) => {
          response.writeHead(200).flushHeaders();
          open.push(response);
        },
        { path },
      );
    let resyncs = 0;
    const seen: EngineEvent[] = [];
    const engine = createDockerEngine({ socketPath: path, log: silentLog() });
    const following = engine.follow({ onEvent: (event) => seen.push(event), onResync: () => (resyncs += 1) });
    t.after(() => following.close());

    const first = await listen();
    await waitUntil(() => resyncs === 1);
    open[0]?.end();
    await waitUntil(() => resyncs === 2);
    await first.close();
    const second = await listen();
    t.after(() => second.close());
    await waitUntil(() => resyncs === 3);
    open.at(-1)?.write(`${started}\n`);
    await waitUntil(() => seen.length === 1);
    assert.deepEqual(seen, [{ action: 'start', container: 'c2', node: null, service: 'web' }]);
  });

  it('puts a line together that comes in pieces, and goes on after a listener that failed', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'kedge-events-'));
    t.after(() => rm(folder, { recursive: true }));
    const path = join(folder, 'engine.sock');
    const bytes = Buffer.from(`${died}\n${started}\n`);
    const cut = bytes.indexOf(Buffer.from('é')) + 1;
    const server = await startLocalServer(
      (_request, response) => {
        response.writeHead(200);
        response.write(bytes.subarray(0, cut), () => response.write(bytes.subarray(cut)));
      },
      { path },
    );
    t.after(() => server.close());
    const { log, lines } = recordingLog();
    const seen: string[] = [];
    const following = createDockerEngine({ socketPath: path, log }).follow({
      onEvent({ container }) {
        seen.push(container);
        if (container === 'c1') throw new Error('listener failed');
      },
      onResync: () => undefined,
    });
    t.after(() => following.close());
    await waitUntil(() => seen.length === 2);
    assert.deepEqual(seen, ['c1', 'c2']);
    assert.equal(lines.filter((line) => line.includes('listener failed')).length, 1);
  });
});
