import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { permittedBus } from './permitted-bus.ts';
import { createFakeBus } from './testing/fake-bus.ts';
import { runLine } from './testing/run-line.ts';
import { statusReply } from './testing/samples.ts';

describe('permittedBus', () => {
  for (const line of ['apply', 'validate', 'check', 'logs web']) {
    it(`says who may "${line}", and asks nothing`, async () => {
      const bus = createFakeBus({}, { identity: 'hooks' });
      const { exitCode, err } = await runLine(bus, line);
      assert.equal(exitCode, 1);
      assert.match(err, /^error: the key of "hooks" may not ask \S+; "cli" may: use --as or KEDGE_IDENTITY \[NOT_PERMITTED\]\n$/);
      assert.deepEqual(bus.asked, []);
    });
  }

  it('lets through what an identity may do', async () => {
    const bus = createFakeBus({ 'status.services': () => statusReply() }, { identity: 'hooks' });
    assert.equal((await runLine(bus, 'status')).exitCode, 0);
    assert.equal((await runLine(bus, 'deploy web')).exitCode, 0);
    assert.equal(bus.said.length, 1);
  });

  it('refuses to say what only a component may', async () => {
    const bus = permittedBus(createFakeBus());
    await assert.rejects(bus.publish('release.cleared', { releases: [], reason: 'x' }), {
      code: 'NOT_PERMITTED',
      message: /may not say release\.cleared; nobody but components may/,
    });
  });
});
