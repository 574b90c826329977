import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import { silentLog } from '@kedge/shared/testing';
import { container } from './testing/observed.ts';
import { node } from './testing/simulated-proxies.ts';
import { thawContainers } from './thaw-containers.ts';

describe('thawContainers', () => {
  it('lets every container of the node go on, whatever becomes of one of them', async () => {
    const thawed: string[] = [];
    const engine = {
      list: async () => [
        ...['a', 'gone', 'b'].map((id) => container({ id, kedge: { node } })),
        { ...container({ id: 'foreign' }), kedge: null },
      ],
      async thaw(id: string) {
        if (id === 'gone') throw new RetryableError('CONTAINER_GONE', 'no container gone');
        thawed.push(id);
      },
    };
    await thawContainers({ bus: { node }, engine, log: silentLog() });
    assert.deepEqual(thawed, ['a', 'b']);
  });
});
