import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { spelling } from './spelling.ts';

const restart = spelling({ no: ['never'], 'on-failure': [] });

describe('spellings', () => {
  for (const [written, word] of [
    ['no', 'no'],
    ['No', 'no'],
    ['never', 'no'],
    ['on-failure', 'on-failure'],
    ['on_failure', 'on-failure'],
    ['onfailure', 'on-failure'],
    ['OnFailure', 'on-failure'],
    ['on failure', 'on-failure'],
  ]) {
    it(`reads ${written} as ${word}`, () => assert.equal(restart.parse(written), word));
  }

  it('names what is allowed, and not what was found', () => {
    const { error } = restart.safeParse('c4nary');
    assert.equal(error?.issues[0]?.message, 'must be one of "no", "on-failure"');
  });
});
