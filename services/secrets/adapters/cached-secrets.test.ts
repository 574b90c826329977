import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SecretAnswer, SecretSource, SecretStore } from '@kedge/config/template';
import { RetryableError } from '@kedge/shared/kernel';
import { recordingLog } from '@kedge/shared/testing';
import { createCachedSecrets } from './cached-secrets.ts';

const latest: SecretSource = { source: 'google', name: 'projects/1/secrets/DB', version: 'latest' };
const second: SecretSource = { ...latest, version: '2' };

interface World {
  now: number;
  asked: number;
  /** Null: nobody is there. */
  answer: SecretAnswer | null;
}

function cached() {
  const world: World = { now: 0, asked: 0, answer: { ok: true, value: 'a' } };
  const store: SecretStore = {
    async access() {
      world.asked += 1;
      if (world.answer) return world.answer;
      throw new RetryableError('SECRET_SOURCE_UNREACHABLE', 'away');
    },
  };
  const { log, lines } = recordingLog();
  return { world, lines, secrets: createCachedSecrets({ store, log, now: () => world.now, freshMs: 1_000 }) };
}

describe('values of secret sources', () => {
  it('are asked for once by many, and again after a while', async () => {
    const { world, secrets } = cached();
    await Promise.all([secrets.access(latest), secrets.access(latest)]);
    world.now = 999;
    await secrets.access(latest);
    assert.equal(world.asked, 1);
    world.now = 1_000;
    world.answer = { ok: true, value: 'b' };
    assert.deepEqual([await secrets.access(latest), world.asked], [{ ok: true, value: 'b' }, 2]);
  });

  it('are kept for good under the number of a version, each by itself', async () => {
    const { world, secrets } = cached();
    await secrets.access(second);
    await secrets.access(latest);
    world.now = 1_000_000;
    await secrets.access(second);
    assert.equal(world.asked, 2);
  });

  it('hold while nobody can be asked, which is logged without them', async () => {
    const { world, secrets, lines } = cached();
    await secrets.access(latest);
    world.now = 5_000;
    world.answer = null;
    assert.deepEqual(await secrets.access(latest), { ok: true, value: 'a' });
    assert.match(JSON.stringify(lines), /its last value holds/);
    await assert.rejects(secrets.access(second), { code: 'SECRET_SOURCE_UNREACHABLE' });
    world.answer = { ok: true, value: 'c' };
    assert.deepEqual(await secrets.access(latest), { ok: true, value: 'c' });
  });

  it('are asked for each time while there is something to mend, and forgotten', async () => {
    const { world, secrets } = cached();
    await secrets.access(latest);
    world.now = 1_000;
    world.answer = { ok: false, reason: 'gone' };
    assert.deepEqual([await secrets.access(latest), await secrets.access(latest)], [world.answer, world.answer]);
    assert.equal(world.asked, 3);
    world.answer = null;
    await assert.rejects(secrets.access(latest), { code: 'SECRET_SOURCE_UNREACHABLE' });
  });
});
