import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { refusalOfLabels, refuseHost } from './host-refusal.ts';

/** What is said of a host that is none, with what to write in its place. */
function refusal(host: string, stars: 'none' | 'first' = 'none'): string {
  const refused = z.string().superRefine((text, context) => refuseHost(text, context, stars));
  const issue = refused.safeParse(host).error?.issues[0];
  assert.ok(issue?.code === 'custom');
  return [issue.message, issue.params?.quoting].filter(Boolean).join(': ');
}

const alone = 'write the host alone, such as "app.example.com"';
const whole = 'must have "*" as its whole first label ("*.example.com"), or be "*" alone, which stands for every other host';

describe('a text that is no host', () => {
  for (const [host, said] of [
    ['', 'must not be empty: write a host name such as "app.example.com"'],
    ['https://a b/c:80', `must not have a scheme in front: ${alone}`],
    ['a b/c', 'must not have a blank in it'],
    ['me@a/b', `must not have a path, nor a query, behind it: ${alone}`],
    ['me@a', `must not have a user before "@": ${alone}`],
    ['a:80', `must not have a port behind it: ${alone}`],
    ['[::1]:80', `must not have a port behind it: ${alone}`],
    ['*.a', 'must not have "*": each host is written out'],
    ['a\u200b', 'must not have a character that no host name has'],
    ['b\u00fccher.de', 'must be written in ASCII, as clients ask for it: write "xn--bcher-kva.de"'],
    ['\u00fc\ufffd', 'must be written in ASCII, as clients ask for it'],
    ['a,b', 'must be a bare host name such as "app.example.com": no scheme, port or path'],
  ] as const) {
    it(`is told why, most telling first: ${JSON.stringify(host)}`, () => assert.equal(refusal(host), said));
  }

  it('may have a star as its whole first label alone', () => {
    for (const host of ['a.*', '*a', '*.', '*..a', 'a*']) assert.equal(refusal(host, 'first'), whole);
  });

  it('has labels of some length, and of no more than 63 characters', () => {
    const long = 'must have at most 63 characters between its dots, as names in DNS have';
    const empty = 'must have something before, between and behind each "."';
    assert.deepEqual(['a.b', 'a..b', '.a', 'a.', `${'a'.repeat(63)}.b`, `b.${'a'.repeat(64)}`].map(refusalOfLabels), [
      null,
      empty,
      empty,
      empty,
      null,
      long,
    ]);
  });
});
