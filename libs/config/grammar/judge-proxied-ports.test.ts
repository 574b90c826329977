import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';

function declared(ports: readonly string[], service = '') {
  const tables = ports.map((port) => `[[port]]\nhost = 5432\ncontainer = 5433\n${port}\n`).join('');
  const file = tomlFile('db/service.toml', `[service]\nname = "db"\nimage = "nginx"\n${service}\n[dispenser]\nwatch = true\n${tables}`);
  return declareService({ file, folder: 'db', within: { path: '/config', name: './deploy' } });
}

describe('ports that the proxy takes', () => {
  it('have a name of their own in the spec, so that nobody publishes them', () => {
    const { service, problems } = declared([
      'via = "proxy"\nhost_ip = "10.0.0.1"\nprotocol = "tcp"\nidle_timeout = "10m"\nproxy_protocol = "V2"',
    ]);
    assert.deepEqual(problems, []);
    assert.deepEqual(service.spec?.proxied_port, [
      { host: 5432, container: 5433, host_ip: '10.0.0.1', idle_timeout: '10m', proxy_protocol: 'v2' },
    ]);
    assert.equal('port' in (service.spec ?? {}), false);
  });

  it('carry UDP too, without TLS', () => {
    const { service, problems } = declared(['via = "proxy"\nprotocol = "udp"\ntls = false']);
    assert.deepEqual(problems, []);
    assert.deepEqual(service.spec?.proxied_port, [{ host: 5432, container: 5433, protocol: 'udp' }]);
  });

  it('show the certificate of a host that is named, or of the first in [proxy]', () => {
    const shown = (port: string) => declared([port]).service.spec?.proxied_port?.map(({ tls_host }) => tls_host);
    assert.deepEqual(shown('via = "proxy"\ntls = "DB.test"'), ['DB.test']);
    assert.deepEqual(shown('via = "proxy"\ntls = true\n[proxy]\nhost = "web.test"\nservice_port = 80'), ['web.test']);
    assert.deepEqual(shown('via = "proxy"\ntls = true\n[proxy]\nhosts = ["a.test", "b.test"]\nservice_port = 80'), ['a.test']);
  });

  it('leave those that the container publishes as they were', () => {
    const port = [{ host: 5432, container: 5433 }];
    assert.deepEqual(declared(['via = "host"']).service.spec?.port, port);
    assert.deepEqual(declared(['']).service.spec, declared(['via = "host"']).service.spec);
    assert.equal('proxied_port' in (declared(['']).service.spec ?? {}), false);
  });

  it('may have several containers behind them', () => {
    assert.deepEqual(declared(['via = "proxy"'], 'replicas = 3').problems, []);
    assert.equal(declared([''], 'replicas = 3').problems.length, 1);
  });

  for (const [port, key, told] of [
    ['via = "proxy"\nprotocol = "udp"\ntls = "db.test"', 'port[0].tls', /is about connections, and protocol = "udp" has none/],
    ['via = "proxy"\nprotocol = "udp"\nproxy_protocol = "v2"', 'port[0].proxy_protocol', /is about connections/],
    ['via = "proxy"\ntls = true', 'port[0].tls', /must be the name of a host.*names none/],
    ['via = "proxy"\ntls = true\n[proxy]\nhost = "*.db.test"\nservice_port = 80', 'port[0].tls', /must be the name of a host/],
    ['via = "proxy"\ntls = 5', 'port[0].tls', /must be true or false.*or the name of a host/],
    ['tls = "db.test"', 'port[0].tls', /needs via = "proxy"/],
    ['idle_timeout = "1h"', 'port[0].idle_timeout', /needs via = "proxy"/],
    ['via = "host"\nproxy_protocol = "v1"', 'port[0].proxy_protocol', /needs via = "proxy"/],
    ['via = "proxy"\nidle_timeout = "0s"', 'port[0].idle_timeout', /must be longer than nothing/],
    ['via = "nginx"', 'port[0].via', /must be one of/],
  ] as const) {
    it(`are refused with ${port.replace('\n', ', ')}`, () => {
      const { problems } = declared([port]);
      assert.deepEqual(
        problems.map((problem) => problem.key),
        [key],
      );
      assert.match(problems[0]?.message ?? '', told);
    });
  }
});
