import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type HostSource, missingSource } from './judge-sources.ts';

const source = (declared: string, target = '/data', readonly = false): HostSource => ({
  declared,
  path: declared.replace(/^\./, '/opt/deploy'),
  target,
  readonly,
});
const fileLike = /file or a socket/;

describe('a source that the host does not have', () => {
  const table: readonly (readonly [HostSource, RegExp | null])[] = [
    [source('./web/data'), null],
    [source('./.cache'), null],
    [source('./conf.d', '/etc/nginx/conf.d'), null],
    [source('./v1.2'), null],
    [source('./web/files', '/srv/files'), null],
    [source('./web/rules', '/rules', true), /only read.* put it there, or make the folder with "mkdir -p \/opt\/deploy\/web\/rules"$/],
    [source('/srv/data'), /^the host has no \/srv\/data for the volume at \/data; correct the path, or .*"mkdir -p \/srv\/data"$/],
    [source('/srv/mistyped/data'), /correct the path/],
    [source('./nginx.conf', '/etc/nginx/nginx.conf'), /no \/opt\/deploy\/nginx\.conf \(declared as "\.\/nginx\.conf"\).* file or a socket/],
    [source('/run/gone.sock', '/var/run/docker.sock'), fileLike],
    [source('./config', '/etc/app/config.toml'), fileLike],
    ...['Caddyfile', 'Dockerfile', 'hosts', '.env', '.env.production', '.npmrc', '.htpasswd', 'id_ed25519', 'authorized_keys'].map(
      (name) => [source(`./app/${name}`), fileLike] as const,
    ),
    [source('./caddy', '/etc/caddy/Caddyfile'), fileLike],
  ];
  for (const [given, expected] of table) {
    it(`${given.declared} at ${given.target}: ${expected ? 'stands in the way' : 'is made'}`, () => {
      const said = missingSource(given);
      if (expected) assert.match(said ?? '', expected);
      else assert.equal(said, null);
    });
  }
});
