import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { maskLines } from './mask-lines.ts';

const password = 'p+w/"rd?';

describe('masking what a container printed', () => {
  for (const [what, printed] of [
    ['as it is', password],
    ['URL-encoded', encodeURIComponent(password)],
    ['in base64', Buffer.from(password).toString('base64')],
    ['in base64 for a URL', Buffer.from(password).toString('base64url')],
    ['in hexadecimal', Buffer.from(password).toString('hex')],
    ['in JSON', JSON.stringify(password).slice(1, -1)],
  ] as const) {
    it(`takes a value out ${what}`, () => assert.deepEqual(maskLines([`a ${printed} b`], [password]), ['a [sealed] b']));
  }

  for (const encoding of ['base64', 'base64url'] as const) {
    for (const around of [
      ['u:', ''],
      ['me:', ' and more'],
      ['user:', '?'],
    ] as const) {
      it(`takes a value out of the ${encoding} of ${around.join('…')}`, () => {
        const [line = ''] = maskLines([`Basic ${Buffer.from(around.join(password)).toString(encoding)}`], [password]);
        assert.match(line, /^Basic \S{0,8}\[sealed\]/);
      });
    }
  }

  it('leaves short values, which are found everywhere', () => {
    assert.deepEqual(maskLines(['listens on port 65535 as info'], ['65535', 'info']), ['listens on port 65535 as info']);
  });

  it('takes long numbers out', () => assert.deepEqual(maskLines(['code 493817'], ['493817']), ['code [sealed]']));

  it('takes each line of a value out', () => {
    const key = '-----BEGIN KEY-----\nMIIabcdef\r\n  uvwxyz12\n-----END KEY-----\n';
    assert.deepEqual(maskLines([...key.split('\n'), JSON.stringify(key)], [key]), [
      '[sealed]',
      '[sealed]\r',
      '  [sealed]',
      '[sealed]',
      '',
      '"[sealed]"',
    ]);
  });

  it('takes the longest value out first', () => {
    assert.deepEqual(maskLines(['secret-and-more'], ['secret', 'secret-and-more']), ['[sealed]']);
  });

  it('never lets a value through, whatever surrounds it', () => {
    const value = fc.string({ minLength: 6 }).filter((text) => !'[sealed]'.includes(text));
    fc.assert(
      fc.property(fc.string(), value, fc.string(), (before, secret, after) => {
        const rest = before + after;
        fc.pre(!rest.includes(secret));
        assert.ok(!(maskLines([before + secret + after], [secret])[0] ?? '').split('[sealed]').some((part) => part.includes(secret)));
      }),
    );
  });
});
