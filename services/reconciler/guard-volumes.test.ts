import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '@kedge/shared/contracts';
import { createVolumeGuard } from './guard-volumes.ts';
import type { WritableMount } from './ports.ts';
import { declared } from './testing/observed.ts';
import { node } from './testing/simulated-proxies.ts';
import { recordOf, worldOf } from './testing/world.ts';

const data = [{ source: 'data', target: '/data' }];

async function ask(spec: ServiceSpec, held: readonly WritableMount[], adopting: readonly string[] = []): Promise<number> {
  let questions = 0;
  const engine = {
    async writable() {
      questions += 1;
      return held;
    },
    unseen: async (paths: readonly string[]) => paths.filter((path) => path === '/missing'),
  };
  const guard = createVolumeGuard({ bus: { node }, engine, configFolder: async () => '/config' });
  const record = recordOf({ adopting: adopting.map((container) => ({ container, name: 'x', wasRunning: true })) });
  await guard(worldOf({ record }), spec);
  return questions;
}

function writer(service: string, id = 'c9'): WritableMount {
  return { container: id, name: service, owner: { node, service }, source: 'data' };
}

describe('a volume', () => {
  it('is in use while a container of a service that is declared no more writes to it', async () => {
    await assert.rejects(ask(declared({ volume: data }), [writer('gone')]), { name: 'RetryableError', code: 'VOLUME_IN_USE' });
    await assert.rejects(ask(declared({ volume: data }), [writer('gone')], ['other']), { code: 'VOLUME_IN_USE' });
  });
  it('may be shared with a service that is declared, or that makes room', async () => {
    await ask(declared({ volume: data }), [writer('web')]);
    await ask(declared({ volume: data }), [writer('gone', 'c9')], ['c9']);
  });
  it('that is only read costs no question', async () =>
    assert.equal(await ask(declared({ volume: [{ source: 'data', target: '/data', readonly: true }] }), [writer('gone')]), 0));
  it('without its source is told as that', async () =>
    await assert.rejects(ask(declared({ volume: [{ source: '/missing', target: '/data' }] }), []), { code: 'SOURCE_MISSING' }));
});
