import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import {
  AbsolutePath,
  FilePath,
  HostAddress,
  HostName,
  IpAddress,
  MountPoint,
  OwnHostName,
  PublishedAddress,
  RequestPath,
} from './address-forms.ts';

/** Values that must pass as they are, and values that must not, with a part of what is said. */
const table: readonly [string, z.ZodType, readonly string[], readonly (readonly [string, RegExp])[]][] = [
  [
    'host',
    HostName,
    ['app.example.com', 'App', 'my_app'],
    [
      ['https://app', /scheme/],
      ['app:8080', /port/],
      ['*.example.com', /"\*"/],
      ['app/x', /path/],
      ['a b', /blank/],
      ['', /must not be empty/],
      ['-a', /bare host name/],
    ],
  ],
  [
    'host name of a container',
    OwnHostName,
    ['box', 'a'.repeat(64), 'ä'.repeat(32), 'a b', '-a', 'a.', ''],
    [
      ['a'.repeat(65), /longer than 64 bytes/],
      ['ä'.repeat(33), /longer than 64 bytes/],
      ['a\nb', /line break/],
      ['a\0', /NUL/],
    ],
  ],
  [
    'address of a host',
    HostAddress,
    ['10.0.0.7', '::1', 'host-gateway'],
    [
      ['10.0.0.256', /must be an IP address .*or "host-gateway"$/],
      ['gateway', /must be an IP address/],
      ['fe80::1%eth0', /must be an IP address/],
    ],
  ],
  ['address', IpAddress, ['::1', '127.0.0.1'], [['localhost', /IP address/]]],
  [
    'address of a published port',
    PublishedAddress,
    ['::1', '127.0.0.1', 'fe80::1%eth0'],
    [
      ['127.0.0.1:80', /must be an IP address .*, alone: the port of the host has a key of its own, host$/],
      ['[::1]:80', /alone: the port/],
      ['localhost:80', /alone: the port/],
      ['localhost', /or "::1"$/],
      ['::g', /or "::1"$/],
    ],
  ],
  [
    'absolute path',
    AbsolutePath,
    ['/', '/app'],
    [
      ['app', /begin with/],
      ['./app', /begin with/],
      ['/a\0', /NUL/],
    ],
  ],
  [
    'file',
    FilePath,
    ['a', '/a b'],
    [
      ['', /must not be empty/],
      ['a\0b', /NUL; no file has it/],
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
