import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manifestKey } from '@kedge/shared/contracts';
import { openCommandRig } from './testing/command-rig.ts';
import { node, put, web } from './testing/simulated-proxies.ts';
import { proxied, specOf } from './testing/stories.ts';

const spec = specOf({ ...proxied, volume: [{ source: './data', target: '/data' }] });
const since = '2026-01-01T00:00:00.000Z';

describe('a start with another configuration folder', () => {
  const newest = [
    ['is held, because it would remove all', { held: { revision: 'other', removes: [web], since } }],
    ['cannot be read', { rejected: { problems: [], since } }],
    ['declares the same', {}],
  ] as const;
  for (const [title, verdict] of newest)
    it(`leaves what runs as it is, whatever the folder has to say: it ${title}`, async () => {
      const rig = await openCommandRig();
      await rig.declare(spec);
      await rig.accept('v1');
      await rig.settle();
      const before = rig.engine.all().map(({ id, state }) => ({ id, state }));
      assert.deepEqual([before.length, rig.engine.starts()], [1, 1]);
      const told = rig.events.length;

      const inForce = await rig.stores.manifests.get(manifestKey(node));
      assert.ok(inForce);
      await put(rig.stores.manifests, manifestKey(node), { ...inForce.value, ...verdict });
      await rig.restart('/host/other');
      await rig.settle();
      assert.deepEqual(
        rig.engine.all().map(({ id, state }) => ({ id, state })),
        before,
      );
      assert.deepEqual([rig.engine.starts(), rig.events.length], [1, told]);
    });
});
