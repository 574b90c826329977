import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { Sealed } from './sealed.ts';

describe('a sealed value', () => {
  const sealed = new Sealed('hunter2');
  const printed = [`${sealed}`, JSON.stringify({ sealed }), inspect({ sealed }), String(Object.values({ ...sealed }))];

  it('never prints', () => {
    for (const text of printed) assert.ok(!text.includes('hunter2'), text);
  });

  it('is given to whoever asks by name', () => assert.equal(sealed.reveal(), 'hunter2'));
});
