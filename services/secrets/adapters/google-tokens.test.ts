import assert from 'node:assert/strict';
import { createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createGoogleTokens } from './google-tokens.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const account = {
  type: 'service_account',
  client_email: 'kedge@p.iam.gserviceaccount.com',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  private_key_id: 'k1',
};

describe('tokens of Google', () => {
  let folder: string;
  const file = () => join(folder, 'credentials.json');
  const before_ = process.env.GOOGLE_APPLICATION_CREDENTIALS;
  const posted: URLSearchParams[] = [];

  /** The token endpoint. */
  const fetchOf =
    (status: number, body: unknown): typeof fetch =>
    async (_url, init) => {
      posted.push(new URLSearchParams(String(init?.body)));
      return Response.json(body, { status });
    };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-google-'));
    process.env.GOOGLE_APPLICATION_CREDENTIALS = file();
  });
  after(async () => {
    if (before_ === undefined) delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
    else process.env.GOOGLE_APPLICATION_CREDENTIALS = before_;
    await rm(folder, { recursive: true });
  });

  it('are asked for with what a service account signed, once for as long as they hold', async () => {
    await writeFile(file(), JSON.stringify(account));
    const tokens = createGoogleTokens({ fetch: fetchOf(200, { access_token: 'a-token', expires_in: 3_600, token_type: 'Bearer' }) });
    assert.deepEqual([await tokens.get(), await tokens.get(), posted.length], ['a-token', 'a-token', 1]);
    const [head = '', claims = '', signature = ''] = posted[0]?.get('assertion')?.split('.') ?? [];
    const verify = createVerify('RSA-SHA256').update(`${head}.${claims}`);
    assert.ok(verify.verify(createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })), signature, 'base64url'));
    const { iss, scope } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    assert.deepEqual([iss, scope], [account.client_email, 'https://www.googleapis.com/auth/cloud-platform']);
    tokens.forget('a-token');
    await tokens.get();
    assert.equal(posted.length, 2);
  });

  it('leave proxies to who asks', async (t) => {
    await writeFile(file(), JSON.stringify(account));
    const { HTTPS_PROXY } = process.env;
    process.env.HTTPS_PROXY = 'http://proxy.test:3128';
    t.after(() => {
      if (HTTPS_PROXY === undefined) delete process.env.HTTPS_PROXY;
      else process.env.HTTPS_PROXY = HTTPS_PROXY;
    });
    let given: object = {};
    const fetch: typeof globalThis.fetch = async (_url, init = {}) => {
      given = init;
      return Response.json({ access_token: 'a-token', expires_in: 3_600, token_type: 'Bearer' });
    };
    assert.equal(await createGoogleTokens({ fetch }).get(), 'a-token');
    assert.ok(!('agent' in given) || given.agent === undefined, 'the library has loaded an agent of its own');
  });

  for (const [what, text, status] of [
    ['no file', null, 200],
    ['no JSON', '{"private_key": "c4nary', 200],
    ['no credentials', '{"type": "c4nary"}', 200],
    ['no key', JSON.stringify({ ...account, private_key: 'c4nary' }), 200],
    ['credentials that were taken back', JSON.stringify(account), 400],
  ] as const) {
    it(`say so when there are ${what}, and quote nothing`, async () => {
      await rm(file(), { force: true });
      if (text !== null) await writeFile(file(), text);
      const tokens = createGoogleTokens({ fetch: fetchOf(status, { error: 'invalid_grant', error_description: 'c4nary' }) });
      await assert.rejects(tokens.get(), (thrown: Error & { code?: string }) => {
        assert.equal(thrown.code, 'SECRET_SOURCE_CREDENTIALS');
        assert.ok(!thrown.message.includes('c4nary'), thrown.message);
        return true;
      });
      await writeFile(file(), JSON.stringify(account));
    });
  }
});
