import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manifestKey } from '@kedge/shared/contracts';
import { errorCode, RetryableError, TerminalError } from '@kedge/shared/kernel';
import type { ContainerMaker } from './make-container.ts';
import { createNetworkTurns } from './network-turns.ts';
import type { World } from './observe-service.ts';
import { createStarter } from './start-container.ts';
import { container, declared, service } from './testing/observed.ts';
import { node } from './testing/simulated-proxies.ts';

const spec = declared();
const world: World = {
  service,
  key: manifestKey(node),
  manifest: { node, revision: 'r', entry: 'kedge.toml', services: {}, delay: 2 },
  down: null,
  declared: null,
  spec,
  image: null,
  local: null,
  record: null,
  bars: null,
  endpoints: null,
  containers: [
    container({ id: 'c1', state: 'exited' }),
    container({ id: 'taken', name: 'web.20260101T000000000Z.one', state: 'exited', hasAlias: false }),
    container({ id: 'cut', state: 'exited', cutFrom: ['db'], hasAlias: false }),
  ],
  foreign: null,
  quietForMs: new Map(),
  now: 0,
};

/** What was done, in order; the engine refuses with `refusal`. */
function stage({ refusal, mayDestroy = true }: { readonly refusal?: Error; readonly mayDestroy?: boolean } = {}) {
  const done: string[] = [];
  const networks = createNetworkTurns();
  const ensureNetworks: ContainerMaker['ensureNetworks'] = async () => {
    done.push('networks');
    return { name: 'kedge', subnet: '10.0.0.0/16', gateway: null, dynamicRange: null, used: [] };
  };
  const stopping = new Set(['c1']);
  const start = createStarter({
    bus: { node },
    engine: {
      async start(id) {
        done.push(`start ${id}`);
        if (refusal) throw refusal;
      },
      async remove(id, expect) {
        done.push(`remove ${id} of ${expect.service}`);
      },
    },
    memory: { stopping },
    maker: { ensureNetworks },
    name: async (_world, { id, isNamed }) => void done.push(`attach ${id} ${isNamed ? 'with' : 'without'} the name`),
    networks,
    assertMayDestroy() {
      if (!mayDestroy) throw new RetryableError('STANDING_BY', 'somebody else acts');
    },
  });
  return { done, networks, start, stopping };
}

describe('a container', () => {
  it('is started on its networks, and its next end is news', async () => {
    const { done, start, stopping } = stage();
    assert.equal(await start(world, { id: 'c1', spec }), 'started');
    assert.deepEqual([done, stopping.size], [['networks', 'start c1'], 0]);
  });

  it('is put back on the networks that it was cut off from', async () => {
    const { done, start } = stage();
    await start(world, { id: 'cut', spec: null });
    assert.deepEqual(done, ['attach cut without the name', 'start cut']);
  });

  it('is started by a name that is its alone, and gets that of the service before where it shall have it', async () => {
    const { done, start } = stage();
    await start(world, { id: 'taken', spec: null, isNamed: true });
    await start(world, { id: 'c1', spec: null, isNamed: true });
    assert.deepEqual(done, ['attach taken with the name', 'start web.20260101T000000000Z.one', 'start c1']);
  });

  it('is removed when its network or its address is lost for good, if anything may be', async () => {
    for (const code of ['NETWORK_MISSING', 'ADDRESS_TAKEN'] as const) {
      const refusal = new RetryableError(code, 'refused');
      const { done, start } = stage({ refusal });
      assert.equal(await start(world, { id: 'c1', spec: null }), 'removed');
      assert.deepEqual(done, ['start c1', 'remove c1 of web']);
      const other = stage({ refusal, mayDestroy: false });
      await assert.rejects(other.start(world, { id: 'c1', spec: null }), { code: 'STANDING_BY' });
      assert.deepEqual(other.done, ['start c1']);
    }
  });

  it('stays when the engine says anything else', async () => {
    for (const refusal of [new TerminalError('START_REFUSED', 'no such program'), new RetryableError('PORT_TAKEN', 'taken')]) {
      const { done, start } = stage({ refusal });
      await assert.rejects(start(world, { id: 'c1', spec: null }), { code: errorCode(refusal) });
      assert.deepEqual(done, ['start c1']);
    }
  });

  it('is not started while a network is made anew', async () => {
    const { done, networks, start } = stage();
    const remaking = Promise.withResolvers<void>();
    const remade = networks.alone(async () => {
      await remaking.promise;
      done.push('remade');
    });
    const started = start(world, { id: 'c1', spec: null });
    remaking.resolve();
    await Promise.all([remade, started]);
    assert.deepEqual(done, ['remade', 'start c1']);
  });
});
