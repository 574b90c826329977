import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { SecretAnswer, SecretSource, SecretStore } from '@kedge/config/template';
import { errorCode, RetryableError } from '@kedge/shared/kernel';
import { recordingLog, waitUntil } from '@kedge/shared/testing';
import { createCachedSecrets } from './cached-secrets.ts';

const latest: SecretSource = { source: 'google', name: 'projects/1/secrets/DB', version: 'latest' };
const second: SecretSource = { ...latest, version: '2' };

interface World {
  now: number;
  asked: number;
  /** Null: nobody is there. `silent`: somebody is, and never answers. */
  answer: SecretAnswer | null | 'silent';
}

function cached() {
  const world: World = { now: 0, asked: 0, answer: { ok: true, value: 'a' } };
  const store: SecretStore = {
    async access() {
      world.asked += 1;
      if (world.answer === 'silent') return await new Promise(() => undefined);
      if (world.answer) return world.answer;
      throw new RetryableError('SECRET_SOURCE_UNREACHABLE', 'away');
    },
  };
  const { log, lines } = recordingLog();
  return { world, lines, secrets: createCachedSecrets({ store, log, now: () => world.now, freshMs: 1_000, mostMs: 20, againMs: 500 }) };
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
    assert.deepEqual([await secrets.access(latest), world.asked], [{ ok: true, value: 'a' }, 2], 'nobody waits for the answer');
    await waitUntil(async () => isDeepStrictEqual(await secrets.access(latest), { ok: true, value: 'b' }));
    assert.equal(world.asked, 2);
  });

  it('are kept for good under the number of a version, each by itself', async () => {
    const { world, secrets } = cached();
    await secrets.access(second);
    await secrets.access(latest);
    world.now = 1_000_000;
    await secrets.access(second);
    assert.equal(world.asked, 2);
  });

  it('hold while nobody can be asked, which is logged without them, and are asked for again after a rest', async () => {
    const { world, secrets, lines } = cached();
    await secrets.access(latest);
    world.now = 5_000;
    world.answer = null;
    assert.deepEqual(await secrets.access(latest), { ok: true, value: 'a' });
    await waitUntil(() => JSON.stringify(lines).includes('the last value holds'));
    assert.ok(!/projects|"a"/.test(JSON.stringify(lines)));
    world.answer = { ok: true, value: 'c' };
    world.now = 5_499;
    await secrets.access(latest);
    assert.equal(world.asked, 2);
    world.now = 5_500;
    await secrets.access(latest);
    await waitUntil(async () => isDeepStrictEqual(await secrets.access(latest), { ok: true, value: 'c' }));
  });

  it('hold while somebody is there who never answers, without any waiting', async () => {
    const { world, secrets } = cached();
    await secrets.access(latest);
    world.now = 5_000;
    world.answer = 'silent';
    for (let round = 0; round < 3; round += 1) assert.deepEqual(await secrets.access(latest), { ok: true, value: 'a' });
    assert.equal(world.asked, 2);
  });

  it('that nobody knows yet are waited for once, and no longer than anybody waits for them', async () => {
    const { world, secrets } = cached();
    world.answer = 'silent';
    const sources = Array.from({ length: 50 }, (_, index) => ({ ...latest, name: `projects/1/secrets/S${index}` }));
    const outcomes = await Promise.allSettled(sources.map((source) => secrets.access(source)));
    assert.deepEqual([...new Set(outcomes.map(codeOf))], ['SECRET_SOURCE_UNREACHABLE']);
  });

  it('that nobody knows yet are asked for again after a rest', async () => {
    const { world, secrets } = cached();
    world.answer = null;
    await assert.rejects(secrets.access(second), { code: 'SECRET_SOURCE_UNREACHABLE' });
    world.answer = { ok: true, value: 'c' };
    await assert.rejects(secrets.access(second), { code: 'SECRET_SOURCE_UNREACHABLE' });
    assert.equal(world.asked, 1);
    world.now = 500;
    assert.deepEqual(await secrets.access(second), { ok: true, value: 'c' });
  });

  it('are asked for each time while there is something to mend, and forgotten', async () => {
    const { world, secrets } = cached();
    await secrets.access(latest);
    world.now = 1_000;
    const gone = { ok: false, reason: 'gone' } as const;
    world.answer = gone;
    await waitUntil(async () => isDeepStrictEqual(await secrets.access(latest), gone));
    const asked = world.asked;
    await secrets.access(latest);
    assert.equal(world.asked, asked + 1);
    world.answer = null;
    await assert.rejects(secrets.access(latest), { code: 'SECRET_SOURCE_UNREACHABLE' });
  });
});

function codeOf(outcome: PromiseSettledResult<unknown>): unknown {
  return outcome.status === 'rejected' ? errorCode(outcome.reason) : outcome.status;
}
