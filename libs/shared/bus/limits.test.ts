import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertFits, largestMessage, largestValue } from './limits.ts';

describe('what is sent or stored', () => {
  it('fits up to the limit, to the byte', () => {
    assertFits(new Uint8Array(largestValue), { what: 'images/app', limit: largestValue });
    const tooLarge = { name: 'TerminalError', code: 'TOO_LARGE', message: 'images/app has 513 kB, and the bus takes 512 kB at most' };
    assert.throws(() => assertFits(new Uint8Array(largestValue + 1), { what: 'images/app', limit: largestValue }), tooLarge);
  });

  it('leaves room for the headers in a message', () => {
    assert.throws(() => assertFits(new Uint8Array(largestMessage), { what: 'deploy.failed' }), { code: 'TOO_LARGE' });
    assertFits(new Uint8Array(largestMessage - 4 * 1024), { what: 'deploy.failed' });
  });
});
