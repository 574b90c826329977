import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ValidateReply } from '@kedge/shared/contracts';
import { putInForce } from './put-in-force.ts';
import { createFakeBus } from './testing/fake-bus.ts';
import { web } from './testing/samples.ts';

const since = '2026-03-01T11:58:00.000Z';
const held = (revision: string) => ({ revision, removes: [web], since });
const reply = (revision: string | null): ValidateReply => ({
  ok: revision === null,
  problems: [],
  services: [web],
  revision: 'r1',
  ...(revision === null ? {} : { held: held(revision) }),
});

/** A watcher that holds one revision after the other, and then none. */
function watcher(...revisions: readonly string[]) {
  const left = [...revisions];
  return createFakeBus({ 'config.validate': () => reply(left.shift() ?? null) });
}

describe('putInForce', () => {
  it('sends the revision that was agreed to', async () => {
    const bus = watcher();
    assert.deepEqual(await putInForce(bus, { agreed: held('r2'), agree: async () => false }), reply(null));
    assert.deepEqual(bus.asked[0]?.data, { apply: true, revision: 'r2' });
  });

  it('asks about another one, and puts in force what was agreed to at last', async () => {
    const asked: string[] = [];
    const bus = watcher('r3');
    await putInForce(bus, { agreed: held('r2'), agree: async (newer) => asked.push(newer.held.revision) > 0 });
    assert.deepEqual([asked, bus.asked.at(-1)?.data], [['r3'], { apply: true, revision: 'r3' }]);
  });

  it('puts nothing in force after a no', async () => {
    const bus = watcher('r3');
    assert.equal(await putInForce(bus, { agreed: held('r2'), agree: async () => false }), null);
    assert.equal(bus.asked.length, 1);
  });

  it('does not ask twice about the same', async () => {
    assert.deepEqual(await putInForce(watcher('r2', 'r2'), { agreed: held('r2'), agree: async () => assert.fail('asked') }), reply('r2'));
  });

  it('gives up on a folder that is another one each time', async () => {
    await assert.rejects(putInForce(watcher('a', 'b', 'c', 'd', 'e', 'f'), { agreed: held('r2'), agree: async () => true }), {
      code: 'CONFIG_CHANGES',
    });
  });
});
