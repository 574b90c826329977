import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type FakeGoogle, startFakeGoogle } from '../testing/fake-google.ts';
import { createGoogleSecrets } from './google-secrets.ts';

const name = 'projects/1/secrets/DB';
const canary = 'c4nary';

describe('Google Secret Manager', () => {
  let google: FakeGoogle;
  let forgotten: string[];

  before(async () => {
    google = await startFakeGoogle();
  });
  after(async () => await google.close());
  beforeEach(() => {
    google.values.clear();
    google.faults.clear();
    google.values.set(`${name}/versions/latest`, canary);
    forgotten = [];
  });

  const access = async (version = 'latest', token = google.token) =>
    await createGoogleSecrets({
      endpoint: google.endpoint,
      tokens: { get: async () => token, forget: (old) => forgotten.push(old) },
    }).access({ source: 'google', name, version });

  for (const [what, value] of [
    ['text', canary],
    ['text with line breaks and a mark, as it is', '\uFEFFä\nb\n'],
    ['nothing', ''],
    ['64 KiB', 'x'.repeat(65_536)],
  ] as const) {
    it(`tells ${what}`, async () => {
      google.values.set(`${name}/versions/2`, value);
      assert.deepEqual(await access('2'), { ok: true, value });
    });
  }

  for (const [status, reason] of [
    [400, /the version of the secret that is named here cannot be read: it is disabled or destroyed/],
    [403, /may not be read: give the account .* roles\/secretmanager.secretAccessor/],
    [404, /does not exist: correct the name/],
  ] as const) {
    it(`says what to mend at ${status}`, async () => {
      google.faults.set(`${name}/versions/latest`, { status, body: JSON.stringify({ error: { message: canary } }) });
      const answer = await access();
      assert.ok(!answer.ok);
      assert.match(answer.reason, reason);
      assert.ok(!answer.reason.includes(canary) && !answer.reason.includes('DB'));
    });
  }

  it('refuses what is not text', async () => {
    google.values.set(`${name}/versions/latest`, Uint8Array.of(0xff, 0xfe));
    assert.match(JSON.stringify(await access()), /is not text in UTF-8/);
  });

  for (const [what, fault] of [
    ['it is down', { status: 503 }],
    ['it is asked too often', { status: 429 }],
    ['it sends somebody elsewhere', { status: 302 }],
    ['it answers something else', { status: 200, body: `{"payload": "${canary}"}` }],
    ['it answers no JSON', { status: 200, body: canary }],
    ['it answers too much', { status: 200, body: 'x'.repeat(300_000) }],
    ['its answer is damaged', 'damaged'],
  ] as const) {
    it(`is asked again when ${what}`, async () => {
      google.faults.set(`${name}/versions/latest`, fault);
      await assert.rejects(access(), (thrown: Error & { code?: string }) => {
        assert.equal(thrown.code, 'SECRET_SOURCE_UNREACHABLE');
        assert.ok(!thrown.message.includes(canary));
        return true;
      });
    });
  }

  it('takes another token when one is refused', async () => {
    await assert.rejects(access('latest', 'old'), { code: 'SECRET_SOURCE_UNREACHABLE' });
    assert.deepEqual(forgotten, ['old']);
  });

  it('is asked again when nobody is there', async () => {
    const nobody = createGoogleSecrets({ endpoint: 'http://127.0.0.1:1', tokens: { get: async () => 't', forget: () => undefined } });
    await assert.rejects(nobody.access({ source: 'google', name, version: '1' }), { code: 'SECRET_SOURCE_UNREACHABLE' });
  });
});
