import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type HostSource, missingSource, parentOf } from './judge-sources.ts';

const source = (declared: string, target = '/data'): HostSource => ({ declared, path: declared.replace(/^\./, '/opt/deploy'), target });

describe('a source that the host does not have', () => {
  const table: readonly (readonly [HostSource, boolean, RegExp | null])[] = [
    [source('./web/data'), false, null],
    [source('./.cache'), true, null],
    [source('/srv/data'), true, null],
    [source('/srv/conf.d', '/etc/nginx/conf.d'), true, null],
    [source('/srv/v1.2'), true, null],
    [
      source('/srv/mistyped/data'),
      false,
      /^the host has no \/srv\/mistyped\/data for the volume at \/data, nor the folder .*"mkdir -p \/srv\/mistyped\/data"$/,
    ],
    [
      source('./nginx.conf', '/etc/nginx/nginx.conf'),
      true,
      /no \/opt\/deploy\/nginx\.conf \(declared as "\.\/nginx\.conf"\).* file or a socket/,
    ],
    [source('/run/gone.sock', '/var/run/docker.sock'), true, /file or a socket/],
    [source('./config', '/etc/app/config.toml'), true, /file or a socket/],
  ];
  for (const [given, parentIsThere, expected] of table) {
    it(`${given.declared} at ${given.target}${parentIsThere ? '' : ', nor its parent'}: ${expected ? 'stands in the way' : 'is made'}`, () => {
      const said = missingSource(given, { parentIsThere });
      if (expected) assert.match(said ?? '', expected);
      else assert.equal(said, null);
    });
  }

  it('would lie in its parent', () => assert.equal(parentOf(source('/srv/data')), '/srv'));
});
