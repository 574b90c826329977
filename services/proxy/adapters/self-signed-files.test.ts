import assert from 'node:assert/strict';
import { KeyObject, webcrypto } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Sealed } from '@kedge/shared/kernel';
import { planSelfSigned } from '../core/self-signed.ts';
import type { Certificate } from '../ports.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { makeSelfSigned } from './make-self-signed.ts';
import { createSelfSignedFiles } from './self-signed-files.ts';

const plan = planSelfSigned('web.test', new Date('2026-03-01T12:00:00Z'));
const made = await makeSelfSigned(plan);
const other = await makeSelfSigned(planSelfSigned('other.test', new Date()));

/** As an authority would: the key fits, and the signature is not made with it. */
async function signedByAnother(): Promise<Certificate> {
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const [own, authority] = [
    await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']),
    await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']),
  ];
  const signed = await X509CertificateGenerator.create(
    {
      subject: 'CN=web.test',
      issuer: 'CN=authority',
      publicKey: own.publicKey,
      signingKey: authority.privateKey,
      signingAlgorithm: algorithm,
    },
    webcrypto,
  );
  const privateKey = KeyObject.from(own.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certificate: `${signed.toString('pem')}\n`, privateKey: new Sealed(privateKey) };
}

describe('the files of self-signed certificates', () => {
  it('give back what was saved, and lie where nobody else reads them', async () => {
    const folder = await temporaryFolder();
    const files = createSelfSignedFiles(join(folder, 'made', 'when-missing'));
    assert.equal(await files.load('web.test'), null);
    await files.save('web.test', other);
    await files.save('web.test', made);
    const found = await files.load('web.test');
    assert.deepEqual([found?.certificate, found?.privateKey.reveal()], [made.certificate, made.privateKey.reveal()]);
    const { commonName: _name, ...terms } = plan;
    assert.deepEqual(found?.terms, terms);
    const own = join(folder, 'made', 'when-missing', 'self-signed');
    assert.deepEqual(await readdir(own), ['web.test.pem']);
    assert.deepEqual([(await stat(own)).mode & 0o777, (await stat(join(own, 'web.test.pem'))).mode & 0o777], [0o700, 0o600]);
  });

  it('hold hosts whose name is longer than that of a file may be, apart from each other', async () => {
    const folder = await temporaryFolder();
    const files = createSelfSignedFiles(folder);
    const hosts = ['a', 'b'].map((first) => `${first}${`.${'x'.repeat(62)}`.repeat(3)}.${'y'.repeat(55)}.test`);
    for (const host of hosts) {
      assert.equal(host.length, 251);
      assert.equal(await files.load(host), null);
      await files.save(host, await makeSelfSigned(planSelfSigned(host, new Date())));
    }
    for (const host of hosts) assert.deepEqual((await files.load(host))?.terms.names, [host]);
    assert.equal((await readdir(join(folder, 'self-signed'))).filter((name) => /^sha256-[0-9a-f]{64}\.pem$/.test(name)).length, 2);
  });

  const key = made.privateKey.reveal();
  for (const [what, text] of [
    ['empty', ''],
    ['torn', made.certificate.slice(0, 200)],
    ['without its key', made.certificate],
    ['with the key of another', made.certificate + other.privateKey.reveal()],
    ['spoilt', made.certificate.replace(/\n[^-]{20}/, '\nAAAAAAAAAAAAAAAAAAAA') + key],
    ['no certificate at all', 'hello'],
  ] as const) {
    it(`are left aside when they are ${what}`, async () => {
      const folder = await temporaryFolder();
      await mkdir(join(folder, 'self-signed'));
      await writeFile(join(folder, 'self-signed', 'web.test.pem'), text);
      assert.equal(await createSelfSignedFiles(folder).load('web.test'), null);
    });
  }

  it('are left aside when somebody else signed them', async () => {
    const folder = await temporaryFolder();
    const files = createSelfSignedFiles(folder);
    await files.save('web.test', await signedByAnother());
    assert.ok((await readFile(join(folder, 'self-signed', 'web.test.pem'), 'utf8')).includes('BEGIN PRIVATE KEY'));
    assert.equal(await files.load('web.test'), null);
  });

  it('say so when they cannot be read', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'self-signed', 'web.test.pem'), { recursive: true });
    await assert.rejects(createSelfSignedFiles(folder).load('web.test'), { code: 'EISDIR' });
  });
});
