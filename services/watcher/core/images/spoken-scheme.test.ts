import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { afterAnswer, schemeAfter, tlsHoldMs } from './spoken-scheme.ts';

describe('how a registry that may speak plain HTTP is asked', () => {
  const secure = { isTls: true, holds: true, tlsAtMs: 1_000 };
  const plain = { isTls: false, holds: true, tlsAtMs: null };

  for (const [what, handshake, isTls] of [
    ['with TLS when it shook hands', { before: null, speaksTls: true, nowMs: 5 }, true],
    ['without when it did not', { before: null, speaksTls: false, nowMs: 5 }, false],
    ['with TLS as soon as it shakes hands', { before: plain, speaksTls: true, nowMs: 5 }, true],
    ['with TLS until 10 s after it last did', { before: secure, speaksTls: false, nowMs: 999 + tlsHoldMs }, true],
    ['without from then on', { before: secure, speaksTls: false, nowMs: 1_000 + tlsHoldMs }, false],
  ] as const) {
    it(what, () => {
      const scheme = schemeAfter(handshake);
      assert.deepEqual([scheme.isTls, scheme.holds], [isTls, false]);
    });
  }

  it('is kept by an answer that makes sense, which begins the 10 s anew', () => {
    assert.deepEqual(afterAnswer(secure, { isSound: true, nowMs: 9_000 }), { ...secure, tlsAtMs: 9_000 });
    assert.deepEqual(afterAnswer(plain, { isSound: true, nowMs: 9_000 }), plain);
  });

  it('is found out anew after any other, and the 10 s go on', () => {
    assert.deepEqual(afterAnswer(secure, { isSound: false, nowMs: 9_000 }), { ...secure, holds: false });
  });
});
