import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type CertificateTerms, planSelfSigned, whyRenew } from './self-signed.ts';

const now = new Date('2026-03-01T12:00:00Z');
const host = 'web.test';
const plan = planSelfSigned(host, now);

describe('a self-signed certificate', () => {
  it('is planned for its host alone, for 90 days and the last hour', () => {
    assert.deepEqual(plan, {
      names: [host],
      commonName: host,
      notBefore: new Date('2026-03-01T11:00:00Z'),
      notAfter: new Date('2026-05-30T12:00:00Z'),
    });
  });

  it('names no host that is too long for it', () => {
    const long = `${'a'.repeat(60)}.example`;
    assert.deepEqual([planSelfSigned(long, now).commonName, planSelfSigned(long, now).names], ['self-signed', [long]]);
  });

  const cases: readonly (readonly [what: string, found: CertificateTerms | null, at: string, reason: string | null])[] = [
    ['is missing', null, '2026-03-01T12:00:00Z', 'there is none'],
    ['is new', plan, '2026-03-01T12:00:00Z', null],
    ['has more than a third left', plan, '2026-04-29T12:00:00Z', null],
    ['has less than a third left', plan, '2026-05-01T12:00:00Z', 'most of its time is over'],
    ['has expired', plan, '2027-03-01T12:00:00Z', 'most of its time is over'],
    ['is of the future, since the clock was set back', plan, '2026-02-01T12:00:00Z', 'it does not hold yet'],
    ['is of another host', { ...plan, names: ['other.test'] }, '2026-03-01T12:00:00Z', 'it is of another host'],
    ['is of others too', { ...plan, names: [host, 'other.test'] }, '2026-03-01T12:00:00Z', 'it is of another host'],
  ];
  for (const [what, found, at, reason] of cases)
    it(`that ${what} ${reason === null ? 'stays' : 'is made anew'}`, () =>
      assert.equal(whyRenew(found, { host, now: new Date(at) }), reason));

  it('is good from when it was planned, whenever that is', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9000-01-01') }), (at) =>
        assert.equal(whyRenew(planSelfSigned(host, at), { host, now: at }), null),
      ),
    );
  });
});
