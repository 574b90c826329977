import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import { AbsolutePath, HostAddress, HostName, IpAddress, MountPoint, OwnHostName, RequestPath, RoutePath } from './address-forms.ts';

/** Values that must pass as they are, and values that must not, with a part of what is said. */
const table: readonly [string, z.ZodType, readonly string[], readonly (readonly [string, RegExp])[]][] = [
  [
    'host',
    HostName,
    ['app.example.com', 'App', 'my_app'],
    [
      ['https://app', /bare host name/],
      ['app:8080', /bare host name/],
      ['*.example.com', /bare host name/],
      ['app/x', /bare host name/],
      ['a b', /bare host name/],
      ['', /bare host name/],
    ],
  ],
  [
    'host name of a container',
    OwnHostName,
    ['box', 'a'.repeat(64)],
    [
      ['a'.repeat(65), /longer than 64/],
      ['a b', /bare host name/],
    ],
  ],
  [
    'address of a host',
    HostAddress,
    ['10.0.0.7', '::1', 'host-gateway'],
    [
      ['10.0.0.256', /must be an IP address .*or "host-gateway"$/],
      ['gateway', /must be an IP address/],
    ],
  ],
  ['address', IpAddress, ['::1', '127.0.0.1'], [['localhost', /IP address/]]],
  [
    'absolute path',
    AbsolutePath,
    ['/', '/app'],
    [
      ['app', /begin with/],
      ['./app', /begin with/],
    ],
  ],
  [
    'mount point',
    MountPoint,
    ['/data', '/a b', '/x/../data'],
    [
      ['data', /begin with/],
      ['/a:b', /":"/],
      ['/', /the image itself/],
      ['//', /the image itself/],
      ['/a/../..', /the image itself/],
    ],
  ],
  [
    'path of a gate',
    RequestPath,
    ['/', '/health?deep=1', '/%20'],
    [
      ['health', /begin with/],
      ['/a b', /blanks/],
      ['/a#b', /"#"/],
      ['/ä', /percent-encoded/],
      ['/a\n', /blanks/],
    ],
  ],
  [
    'path of a route',
    RoutePath,
    ['', 'api', '/api/'],
    [
      ['/a?b', /"\?"/],
      ['/a b', /blanks/],
    ],
  ],
];

describe('hosts, addresses and paths of a configuration', () => {
  for (const [name, schema, good, bad] of table) {
    for (const value of good) it(`${name}: takes ${JSON.stringify(value)}`, () => assert.equal(schema.parse(value), value));
    for (const [value, said] of bad) {
      it(`${name}: refuses ${JSON.stringify(value)}`, () => {
        assert.match(schema.safeParse(value).error?.issues[0]?.message ?? 'nothing was said', said);
      });
    }
  }
});
