import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { serveSealed } from '@kedge/shared/bus';
import { RegistryRequest, ResolveRequest } from '@kedge/shared/contracts';
import { RetryableError, Sealed, TerminalError } from '@kedge/shared/kernel';
import { startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import type { SecretSource } from '../ports.ts';
import { createSecretSource } from './bus-secret-source.ts';

const values: Readonly<Record<string, string>> = { 'web/service.toml#/env/TOKEN': 'hunter2' };
const wanted = (ref: string) => [{ ref, fingerprint: 'k:f' }];

describe('secrets over the bus', () => {
  let testBus: TestBus;
  let source: SecretSource;

  before(async () => {
    testBus = await startTestBus();
    const bus = await testBus.connect('reconciler');
    const recipient = await readFile(join(testBus.keysFolder('reconciler'), 'secrets.pub'), 'utf8');
    source = createSecretSource({ bus, recipient });
  });
  after(() => testBus.close());

  it('are SECRETS_UNAVAILABLE while nobody answers', async () => {
    await assert.rejects(source.resolve(wanted('x')), { name: 'RetryableError', code: 'SECRETS_UNAVAILABLE' });
    await assert.rejects(source.registryCredentials('x'), { name: 'RetryableError', code: 'SECRETS_UNAVAILABLE' });
  });

  it('asks nobody when nothing is wanted', async () => {
    assert.deepEqual(await source.resolve([]), new Map());
  });

  describe('that somebody answers', () => {
    before(async () => {
      const answering = await testBus.connect('secrets');
      const seed = new TextEncoder().encode((await readFile(join(testBus.keysFolder('secrets'), 'curve.seed'), 'utf8')).trim());
      serveSealed(answering, {
        subject: 'secrets.resolve',
        seed,
        question: ResolveRequest,
        async answer({ secrets }) {
          if (secrets.some(({ ref }) => ref === 'changed')) throw new RetryableError('SECRET_CHANGED', 'the file has another value now');
          if (secrets.some(({ ref }) => ref === 'broken')) throw new TerminalError('VARS_INVALID', 'the vars file is broken');
          return { values };
        },
      });
      serveSealed(answering, {
        subject: 'secrets.registry',
        seed,
        question: RegistryRequest,
        answer: async ({ registry }) => ({ credentials: registry === 'guarded' ? { username: 'me', password: 'hunter2' } : null }),
      });
      await waitUntil(async () => (await source.registryCredentials('open')) === null);
    });

    it('come wrapped, so that they print as nothing', async () => {
      const got = await source.resolve(wanted('web/service.toml#/env/TOKEN'));
      const value = got.get('web/service.toml#/env/TOKEN');
      assert.ok(value instanceof Sealed);
      assert.equal(value.reveal(), 'hunter2');
      assert.doesNotMatch(inspect(got) + JSON.stringify([...got]), /hunter2/);
    });

    it('are missed when the answer lacks one', async () => {
      await assert.rejects(source.resolve(wanted('absent')), {
        name: 'RetryableError',
        code: 'SECRETS_UNAVAILABLE',
        details: { ref: 'absent' },
      });
    });

    it('that changed since are asked for again later', async () => {
      await assert.rejects(source.resolve(wanted('changed')), { name: 'RetryableError', code: 'SECRET_CHANGED' });
    });

    it('that can never come are said so', async () => {
      await assert.rejects(source.resolve(wanted('broken')), { code: 'VARS_INVALID' });
    });

    it('are credentials for a registry, or none for an open one', async () => {
      const credentials = await source.registryCredentials('guarded');
      assert.equal(credentials?.username, 'me');
      assert.equal(credentials?.password.reveal(), 'hunter2');
      assert.doesNotMatch(JSON.stringify(credentials), /hunter2/);
      assert.equal(await source.registryCredentials('open'), null);
    });
  });
});
