import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DurableState } from '@kedge/shared/bus';
import type { Finding, StatusReply } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { createExamineReconciler } from './examine-reconciler.ts';
import { node } from './testing/simulated-proxies.ts';

const reply: StatusReply = {
  node,
  engine: { reachable: true, message: '' },
  config: { revision: null, problem: null },
  foreign: [],
  proxies: [],
  services: [],
};
const fine: Parameters<typeof createExamineReconciler>[0] = {
  engine: {
    info: async () => ({ id: 'x', version: '28.5.2', platform: 'linux/amd64' }),
    apiVersion: async () => '1.51',
  },
  status: async () => reply,
  role: async () => ({ kind: 'acts' }),
  commands: async () => ({ kind: 'there', waiting: 0, underWay: 0, readers: 1 }),
  diskSpace: async () => ({ totalBytes: 100e9, freeBytes: 50e9 }),
  pauseMs: 0,
};
const away = async () => await Promise.reject(new RetryableError('ENGINE_UNREACHABLE', 'no answer within 3 s'));

async function badOf(changes: Partial<typeof fine>): Promise<readonly Finding[]> {
  return (await createExamineReconciler({ ...fine, ...changes })()).filter(({ state }) => state !== 'fine');
}

describe('the examination of the reconciler', () => {
  it('tells of everything else when the engine does not answer', async () => {
    const found: readonly Finding[] = await createExamineReconciler({ ...fine, engine: { info: away, apiVersion: away } })();
    assert.deepEqual(
      found.map(({ what, state }) => [what, state]),
      [
        ['engine', 'failed'],
        ['disk', 'fine'],
        ['role', 'fine'],
        ['commands', 'fine'],
      ],
    );
    assert.equal(found[0]?.message, 'no answer within 3 s');
    assert.match(found[0]?.advice ?? '', /systemctl status docker/);
  });

  for (const part of ['status', 'role', 'diskSpace'] as const) {
    it(`has one finding, with advice, when "${part}" fails`, async () => {
      const [found, ...others] = await badOf({ [part]: away });
      assert.deepEqual([others.length, found?.advice !== undefined], [0, true]);
    });
  }

  it('tells that no command is taken when the consumer is gone', async () => {
    const gone: DurableState = { kind: 'unusable', problem: { kind: 'missing', message: 'consumer not found' } };
    const [found] = await badOf({ commands: async () => gone });
    assert.deepEqual([found?.what, found?.state], ['commands', 'failed']);
    assert.match(found?.advice ?? '', /docker compose up -d/);
  });

  it('takes nobody for missing who reads between two questions for the next command', async () => {
    const readers = [0, 0, 1];
    const commands = async (): Promise<DurableState> => ({ kind: 'there', waiting: 1, underWay: 0, readers: readers.shift() ?? 0 });
    assert.deepEqual(await badOf({ commands }), []);
  });

  it('minds when nobody reads', async () => {
    const [found] = await badOf({ commands: async () => ({ kind: 'there', waiting: 3, underWay: 0, readers: 0 }) });
    assert.equal(found?.message, 'nobody takes those that wait: 3');
  });
});
