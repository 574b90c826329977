import { describe } from 'node:test';
import { testForms } from '../testing/form-table.ts';
import { RouteHost, RoutePath } from './route-forms.ts';

const unchanged = (...texts: readonly string[]) => texts.map((text) => [text, text] as const);
const refused = (said: RegExp, ...texts: readonly string[]) => texts.map((text) => [text, said] as const);

describe('what a route is for', () => {
  testForms('host', {
    schema: RouteHost,
    reads: unchanged(
      'app.example.com',
      'App',
      'my_app',
      '*',
      '*.example.com',
      '*.com',
      '_x',
      'a-b.c--d',
      '10.0.0.7',
      '7.example',
      '[2001:db8::1]',
      '-a.example.com',
      'a-.b',
      `${'a'.repeat(63)}.de`,
      `${'a.'.repeat(126)}a`,
    ).concat([
      ['app.example.com.', 'app.example.com'],
      ['10.0.0.7.', '10.0.0.7'],
      ['::1', '[::1]'],
      ['[0:0:0:0:0:0:0:1]', '[::1]'],
      ['2001:DB8:0::1', '[2001:db8::1]'],
      ['[::ffff:10.0.0.7]', '[::ffff:a00:7]'],
    ]),
    refuses: [
      ...refused(/^ must not be empty: write a host name such as "app.example.com"$/, ''),
      ...refused(/^ must not have a scheme in front: write the host alone/, 'https://app', 'HTTP://app:80/x'),
      ...refused(
        /^ must not have a port behind it: write the host alone/,
        'app:8080',
        '[::1]:80',
        '-a:1',
        'app:',
        '*.example.com:80',
        '*:80',
      ),
      ...refused(/^ must not have a path, nor a query, behind it: write the host alone/, 'app/x', 'app?x', 'app/'),
      ...refused(/^ must not have a user before "@": /, 'me@app'),
      ...refused(/^ must have "\*" as its whole first label/, 'a.*.b', 'a*', '*a.b', '**', '*.*.b', '*..b', '*.'),
      ...refused(/^ must not have a blank in it$/, 'a b', ' a', 'a\tb'),
      ...refused(/^ must not have a character that no host name has$/, 'ex\u200bample.com'),
      ...refused(/^ must be written in ASCII, as clients ask for it$/, 'bü.de', '*.bü.de'),
      ...refused(/^ must be a bare host name such as[^;]*$/, 'a,b', '[::1', '*.a,b', '*.[::1]'),
      ...refused(/^ must have something before, between and behind each "\."$/, 'a..b', '.a', 'a..', '*.a..b', '.'),
      ...refused(/^ must have at most 63 characters between its dots/, 'a'.repeat(64), `${'b'.repeat(64)}.de`),
      ...refused(/^ must not be longer than 253 characters[^;]*$/, `${'a.'.repeat(127)}a`, 'a'.repeat(254)),
      ...refused(
        /^ looks like an address and is none; write [^;]*$/,
        '300.1.1.1',
        '10.0.0',
        '7',
        '[::g]',
        '[]',
        '[10.0.0.7]',
        '[fe80::1%eth0]',
        '*.0.0.7',
      ),
    ],
  });
  testForms('path', {
    schema: RoutePath,
    reads: unchanged(
      '',
      '/',
      '//',
      'api',
      '/api/',
      '/api//',
      '/a/b',
      '/.well-known/x',
      '/x.y',
      '/...',
      '/a%20b',
      '/%2F',
      '/api//v1',
      '//x',
      'http://x/y',
    ),
    refuses: [
      ...refused(/"\?"/, '/a?b'),
      ...refused(/neither blanks nor "#"/, '/a b', '/a#b', '/ä'),
      ...refused(
        /^ must have neither "." nor "\.\." between its "\/": clients resolve them/,
        '//x/../y',
        '/a/./b',
        '/..',
        '/.',
        'a/..',
        '/..//',
      ),
      ...refused(/^ must have neither/, '/%2e%2E/x', '/.%2e'),
    ],
  });
});
