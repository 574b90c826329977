import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type PlainSecrets, servePlainSecrets } from '@kedge/config/testing';
import { startTestBus, type TestBus } from '@kedge/shared/testing';
import type { CredentialSource } from '../ports.ts';
import { createTestClock } from '../testing/test-clock.ts';
import { createCredentialSource } from './credential-source.ts';

describe('credentials from the secrets component', () => {
  const clock = createTestClock();
  let testBus: TestBus;
  let secrets: PlainSecrets;
  let source: CredentialSource;

  before(async () => {
    testBus = await startTestBus();
    const keys = testBus.keysFolder('secrets');
    secrets = await servePlainSecrets(await testBus.connect('secrets'), keys);
    const recipient = (await readFile(join(testBus.keysFolder('watcher'), 'secrets.pub'), 'utf8')).trim();
    source = createCredentialSource({ bus: await testBus.connect('watcher'), recipient, clock });
  });
  after(async () => await testBus?.close());

  const login = (username: string) => {
    secrets.credentials = { username, password: 'x' };
  };
  const found = async (registry = 'registry.example.com') => (await source.find(registry))?.username ?? null;

  it('are kept for a minute, for each registry by itself', async () => {
    login('ann');
    assert.equal(await found(), 'ann');
    login('bob');
    clock.advance(59_999);
    assert.equal(await found(), 'ann');
    assert.equal(await found('other.example.com'), 'bob');
    clock.advance(1);
    assert.equal(await found(), 'bob');
  });

  it('are asked for afresh when they were dropped', async () => {
    login('cid');
    assert.equal(await found(), 'bob');
    source.drop('registry.example.com');
    assert.equal(await found(), 'cid');
  });

  it('may be none, which is kept as well', async () => {
    secrets.credentials = null;
    source.drop('registry.example.com');
    assert.equal(await found(), null);
    login('dan');
    assert.equal(await found(), null);
  });
});
