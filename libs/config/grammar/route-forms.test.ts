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
      '[::ffff:10.0.0.7]',
      '-a.example.com',
      'a-.b',
      `${'a'.repeat(63)}.de`,
      `${'a.'.repeat(126)}a`,
    ).concat([
      ['app.example.com.', 'app.example.com'],
      ['10.0.0.7.', '10.0.0.7'],
      ['::1', '[::1]'],
    ]),
    refuses: [
      ...refused(
        /^ must be a bare host name[^;]*: no scheme, port or path$/,
        'https://app',
        'app:8080',
        '[::1]:80',
        '*.example.com:80',
        'app/x',
        'a b',
        '',
        '-a:1',
        'bü.de',
      ),
      ...refused(/^ must have "\*" as its whole first label/, 'a.*.b', 'a*', '*a.b', '**', '*.*.b'),
      ...refused(
        /^ must have 1 to 63 letters, digits, "-" or "_" before, between and behind its dots$/,
        'a..b',
        '.a',
        'a..',
        '*.a..b',
        '.',
        'a'.repeat(64),
      ),
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
