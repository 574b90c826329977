import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { basicCredentials } from './basic-credentials.ts';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('credentials', () => {
  for (const [what, headers, expected] of [
    ['are a name and a password', ['authorization', basic('ann:secret')], ['ann', 'secret']],
    ['may have a colon in the password', ['Authorization', basic('ann:a:b')], ['ann', 'a:b']],
    ['may be empty', ['Authorization', basic(':')], ['', '']],
    ['may have other letters', ['Authorization', basic('änn:gehéim')], ['änn', 'gehéim']],
    ['may be announced in any case', ['Authorization', basic('a:b').replace('Basic', 'bASIC ')], ['a', 'b']],
    ['are none', ['Accept', basic('a:b')], null],
    ['are none that are a value of another header', ['A', 'Authorization', 'B', basic('a:b')], null],
    ['are none when there are two', ['Authorization', basic('a:b'), 'authorization', basic('c:d')], null],
    ['are none of another kind', ['Authorization', basic('a:b').replace('Basic', 'Bearer')], null],
    ['are none without a colon', ['Authorization', basic('ab')], null],
    ['are none that are not base64', ['Authorization', 'Basic a:b'], null],
  ] as const) {
    it(what, () => {
      const found = basicCredentials(headers);
      assert.deepEqual(found && [found.user, found.password], expected);
    });
  }
});
