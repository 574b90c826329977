import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitUntil } from './wait-until.ts';

describe('waiting until something is true', () => {
  it('gives the first answer that is one, 0 and empty text among them', async () => {
    const answers = [false, null, undefined, 0];
    assert.equal(await waitUntil(() => answers.shift()), 0);
    assert.equal(await waitUntil(() => ''), '');
  });

  it('takes what is thrown for "not yet"', async () => {
    let tries = 0;
    const answer = await waitUntil(async () => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
      return tries;
    });
    assert.equal(answer, 3);
  });

  it('gives up with what it waited for, and why', async () => {
    const failing = waitUntil(() => Promise.reject(new Error('the door is locked')), { timeoutMs: 1, what: 'the door' });
    await assert.rejects(failing, /^Error: the door did not come true within 1 ms; the last answer was Error: the door is locked/);
  });
});
