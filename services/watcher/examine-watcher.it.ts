import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { Digest, ImageEntry, ImageReference, imageKey } from '@kedge/shared/contracts';
import { startTestBus, type TestBus } from '@kedge/shared/testing';
import { createApplyConfiguration } from './apply-configuration.ts';
import { createExamineWatcher } from './examine-watcher.ts';
import { invalid, valid } from './testing/judged.ts';
import { createTestClock } from './testing/test-clock.ts';

const clock = createTestClock();

describe('what kedge doctor is told by the watcher', () => {
  let testBus: TestBus;
  let bus: Bus;
  before(async () => {
    testBus = await startTestBus();
    bus = await testBus.connect('watcher');
  });
  after(async () => await testBus?.close());

  const told = async () => {
    const found = await createExamineWatcher({ bus, authorities: null })();
    return found.map(({ what, state, message }) => [what, state, message]);
  };

  it('is the configuration, why there is none, and what each registry of its images said', async () => {
    const configuration = createApplyConfiguration({ bus, clock });
    assert.deepEqual(await told(), [['configuration', 'warning', 'there is none yet']]);
    await configuration.apply(invalid('bad'));
    assert.match((await told())[0]?.[2] ?? '', /nothing is in force yet: .*bad$/);

    const reference = ImageReference.parse('registry.example.com/web');
    const { manifest } = await configuration.apply(valid({ web: reference }));
    const inForce = ['configuration', 'fine', `revision ${manifest?.revision.slice(0, 12)} is in force, with 1 service`];
    const registry = 'registry registry.example.com';
    assert.deepEqual(await told(), [inForce, [registry, 'warning', '1 image was not asked for yet']]);

    const digest = Digest.parse(`sha256:${'a'.repeat(64)}`);
    const accepted = { digest, platformDigest: digest, acceptedAt: clock.now().toISOString() };
    await bus.bucket('images', ImageEntry).create(imageKey(reference), { reference, accepted, state: 'present' });
    assert.deepEqual(await told(), [inForce, [registry, 'fine', 'it answers for 1 image']]);
  });
});
