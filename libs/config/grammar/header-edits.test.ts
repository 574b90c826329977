import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { declareService } from './declared-service.ts';

/** What is said of these changes of headers, with its key. */
function told(edits: string): readonly string[] {
  const service = '[service]\nname = "web"\nimage = "nginx"\n[dispenser]\nwatch = true\n[proxy]\nhost = "a"\nservice_port = 80\n';
  const file = tomlFile('web/service.toml', `${service}${edits}`);
  const { problems } = declareService({ file, folder: 'web', within: { path: '/config', name: './deploy' } });
  return problems.map(({ key, message }) => `${key}: ${message}`);
}

const handshake = /is a part of the handshake of a WebSocket, which fails when .*; leave it to those two$/;
const own = /is a header that the proxy writes itself, or that ends with each connection$/;

describe('changes of headers', () => {
  for (const [name, words] of [
    ['Sec-WebSocket-Accept', handshake],
    ['sec_websocket_key', handshake],
    ['SEC-WEBSOCKET-VERSION', handshake],
    ['Sec-WebSocket-Protocol', handshake],
    ['Sec-WebSocket-Extensions', handshake],
    ['Connection', own],
    ['Upgrade', own],
    ['Transfer_Encoding', own],
    ['content-length', own],
    ['Host', own],
  ] as const) {
    it(`are refused of ${name}, in both directions, and other faults told beside`, () => {
      for (const table of ['request_headers', 'response_headers']) {
        const found = told(`[proxy.${table}]\nset = { "${name}" = "a", "a b" = "c" }\nremove = ["Via", "${name}"]\n`);
        const keys = [`proxy.${table}.set.${name}`, `proxy.${table}.remove[1]`];
        for (const key of keys) assert.match(found.find((each) => each.startsWith(`${key}: `)) ?? '', words);
        assert.equal(found.length, 3, found.join('\n'));
      }
    });
  }

  it('may be of any other name', () => {
    const edits = 'set = { Sec-Fetch-Mode = "cors", WebSocket = "a" }\nremove = ["Sec-WebSocket", "Origin"]\n';
    assert.deepEqual(told(`[proxy.request_headers]\n${edits}[proxy.response_headers]\n${edits}`), []);
  });
});
