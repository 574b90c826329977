import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { MainFile } from './main-file.ts';
import { ServiceFile } from './service-file.ts';
import type { Pointer } from './toml-places.ts';
import { unknownKey } from './unknown-key.ts';

function said(text: string, pointer: Pointer, schema: typeof ServiceFile | typeof MainFile = ServiceFile): string {
  const file = tomlFile('web/service.toml', { source: text, variables: { secret: 'c4nary' } });
  const { message, nearest } = unknownKey({ schema, file, path: pointer.slice(0, -1), key: String(pointer.at(-1)) });
  return `${message.slice(message.indexOf(': ') + 2)}${nearest ? ` ~ ${nearest}` : ''}`;
}

describe('an unknown key', () => {
  for (const [text, pointer, wanted] of [
    [
      '[[volume]]\nread_only = true',
      ['volume', 0, 'read_only'],
      /^unknown key in \[\[volume\]\]; known are source, target, readonly ~ readonly$/,
    ],
    ['[service]\ninterval = "1s"', ['service', 'interval'], /; it belongs in \[service.healthcheck\] or \[proxy.check\] or \[\[gate\]\]$/],
    ['[service]\npath = "/"', ['service', 'path'], /; it belongs in \[proxy\] or \[proxy.check\] or \[\[gate\]\]$/],
    ['[service]\nhost_ip = "::"', ['service', 'host_ip'], /; it belongs in \[\[port\]\]$/],
    ['[[port]]\nproto = "udp"', ['port', 0, 'proto'], / ~ protocol$/],
    ['[[port]]\nip = "::1"', ['port', 0, 'ip'], / ~ host_ip$/],
    ['[proxy]\nport = 80', ['proxy', 'port'], / ~ service_port$|belongs in/],
    ['[proxy]\nfile = "a"', ['proxy', 'file'], /cert_file, key_file$/],
    ['[service]\nmem = "64m"', ['service', 'mem'], / ~ memory$/],
    ['[service]\ncap = []', ['service', 'cap'], /logging, replicas, strategy$/],
    ['[service]\nhost = "web"', ['service', 'host'], /; it belongs in \[\[port\]\] or \[proxy\] or \[proxy.check\]$/],
    ['[healthcheck]\ntest = "x"', ['healthcheck'], /; it belongs in \[service\]: write \[service.healthcheck\]$/],
    ['[restart]\npolicy = "x"', ['restart'], /; it belongs in \[service\], and is no table: write restart = "always" below \[service\]$/],
    ['[image]\nname = "x"', ['image'], /; it belongs in \[service\], and is no table: write image = … below \[service\]$/],
    ['[labels]\na = "b"', ['labels'], /: write \[service.labels\]$/],
    ['[service]\nports = []', ['service', 'ports'], /; write a \[\[port\]\] with host and container for each$/],
    ['[service]\nwatch = true', ['service', 'watch'], /; it belongs in \[dispenser\]$/],
    ['"${secret}" = {}', ['c4nary'], /^unknown key; known are service/],
  ] as const) {
    it(`gets told what to write: ${text.replace('\n', ' ')}`, () => {
      assert.match(said(text, pointer), wanted);
      assert.ok(!said(text, pointer).includes('c4nary'));
    });
  }

  it('may belong in the other file', () => {
    assert.match(said('[port]\nhost = 1', ['port'], MainFile), /; it belongs in the service.toml of a service$/);
    assert.match(said('delay = 5', ['delay']), /; it belongs in the main file$/);
  });

  it('of a service belongs in the file of that service', () => {
    assert.match(
      said('[[service]]\npath = "web"\nimage = "x"', ['service', 0, 'image'], MainFile),
      /what a service is stands in the service.toml/,
    );
  });
});
