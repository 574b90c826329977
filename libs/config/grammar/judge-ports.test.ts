import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';
import { judgePorts } from './judge-ports.ts';

function declared(name: string, ...ports: readonly string[]) {
  const tables = ports.map((port) => `[[port]]\ncontainer = 1\n${port}\n`).join('');
  const file = tomlFile(`${name}/service.toml`, `[service]\nname = "${name}"\nimage = "nginx"\n[dispenser]\nwatch = true\n${tables}`);
  return declareService({ file, folder: name, within: { path: '/config', name: './deploy' } }).service;
}

const unknown = { proxyPort: null };

describe('ports of the host', () => {
  for (const [first, second, clash] of [
    ['host = 80', 'host = 80', true],
    ['host = 80', 'host = 81', false],
    ['host = 53', 'host = 53\nprotocol = "udp"', false],
    ['host = 53\nprotocol = "UDP"', 'host = 53\nprotocol = "udp"', true],
    ['host = 80\nhost_ip = "127.0.0.1"', 'host = 80\nhost_ip = "127.0.0.2"', false],
    ['host = 80\nhost_ip = "127.0.0.1"', 'host = 80', true],
    ['host = 80\nhost_ip = "::1"', 'host = 80\nhost_ip = "[0:0::1]"', true],
    ['host = 80\nprotocol = "sctp"', 'host = 80', false],
    ['host = 80\nprotocol = "tpc"', 'host = 80', true],
    ['host = 80\nprotocol = "http"', 'host = 80\nprotocol = "udq"', false],
    ['host = 80\nprotocol = 6', 'host = 80', false],
    ['host = 80', 'host = 80\nhost_ip = "1.2.3"', true],
    ['host = 80\nhost_ip = "1.2.3.4"', 'host = 80\nhost_ip = "1.2.3"', false],
    ['host = 80\nhost_ip = "1.2.3"', 'host = 80\nhost_ip = "1.2.3"', false],
    ['host = 80\nvia = "proxy"', 'host = 80\nvia = "proxy"', true],
    ['host = 80\nvia = "proxy"', 'host = 80', true],
    ['host = 80\nvia = "proxy"', 'host = 80\nprotocol = "udp"', false],
  ] as const) {
    it(`${clash ? 'clash' : 'go together'}: ${first.replace('\n', ', ')} and ${second.replace('\n', ', ')}`, () => {
      const between = judgePorts([declared('web', first), declared('api', second)], unknown);
      const within = judgePorts([declared('web', first, second)], unknown);
      assert.deepEqual([between.length, within.length], clash ? [1, 1] : [0, 0]);
      if (clash)
        assert.match(between[0]?.message ?? '', /published twice, by "web" \(web\/service.toml\) and "api" \(api\/service.toml\)$/);
      if (clash) assert.match(within[0]?.message ?? '', /published twice, both times by "web" \(web\/service.toml\)$/);
    });
  }

  it('are not the one of the proxy, as far as that is known and they are open everywhere', () => {
    const said = (port: string, proxyPort: number | null = 80) => judgePorts([declared('web', port)], { proxyPort }).map(({ key }) => key);
    assert.deepEqual(said('host = 80'), ['port[0].host']);
    assert.deepEqual(said('host = 80\nhost_ip = "0.0.0.0"'), ['port[0].host']);
    for (const port of ['host = 80\nhost_ip = "127.0.0.1"', 'host = 80\nprotocol = "udp"', 'host = 81']) assert.deepEqual(said(port), []);
    assert.deepEqual(said('host = 80', null), []);
    // It would open it beside its own.
    assert.deepEqual(said('host = 80\nhost_ip = "127.0.0.1"\nvia = "proxy"'), ['port[0].host']);
  });

  it('are not the one of the proxy for HTTPS either', () => {
    const said = (port: string, httpsPort: number | null | undefined = 8443) =>
      judgePorts([declared('web', port)], { proxyPort: 8080, httpsPort }).map(({ message }) => message);
    assert.deepEqual(said('host = 8443'), [
      "port[0].host: port 8443 of the host is the proxy's, for HTTPS; choose another, or route by [proxy]",
    ]);
    assert.deepEqual(said('host = 8080'), ["port[0].host: port 8080 of the host is the proxy's; choose another, or route by [proxy]"]);
    for (const port of ['host = 8443\nhost_ip = "127.0.0.1"', 'host = 8443\nprotocol = "udp"', 'host = 443'])
      assert.deepEqual(said(port), []);
    assert.deepEqual(said('host = 8443', null), []);
  });
});
