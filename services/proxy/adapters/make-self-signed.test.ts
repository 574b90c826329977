import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { planSelfSigned } from '../core/self-signed.ts';
import { makeSelfSigned } from './make-self-signed.ts';

describe('making a self-signed certificate', () => {
  it('follows the plan: for this host, these days and servers only, signed by itself', async () => {
    const plan = planSelfSigned('web.test', new Date('2026-03-01T12:00:00Z'));
    const made = await makeSelfSigned(plan);
    const parsed = new X509Certificate(made.certificate);
    assert.deepEqual(
      [parsed.subject, parsed.issuer, parsed.subjectAltName, parsed.ca, parsed.validFromDate, parsed.validToDate],
      ['CN=web.test', 'CN=web.test', 'DNS:web.test', false, plan.notBefore, plan.notAfter],
    );
    assert.deepEqual(parsed.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    assert.equal(parsed.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    assert.ok(parsed.verify(parsed.publicKey));
    assert.ok(parsed.checkPrivateKey(createPrivateKey(made.privateKey.reveal())));
    assert.equal(inspect(made).includes('PRIVATE'), false);
  });

  it('takes a new key and a new number each time', async () => {
    const plan = planSelfSigned('web.test', new Date());
    const [one, two] = [await makeSelfSigned(plan), await makeSelfSigned(plan)];
    assert.notEqual(one.privateKey.reveal(), two.privateKey.reveal());
    assert.notEqual(new X509Certificate(one.certificate).serialNumber, new X509Certificate(two.certificate).serialNumber);
  });
});
