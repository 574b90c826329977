import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRoutes } from './read-routes.ts';

function portsIn(text: string) {
  const reading = readRoutes('routes.toml', text);
  assert.ok('routes' in reading, JSON.stringify(reading));
  return reading.routes.services.map(({ name, ports }) => [name, ports]);
}

function problemsIn(text: string): readonly string[] {
  const reading = readRoutes('routes.toml', text);
  return 'problems' in reading ? reading.problems.map(({ line, column, message }) => `${line}:${column} ${message}`) : [];
}

const targets = 'targets = ["127.0.0.1:1"]';

describe('ports of a proxy that runs alone', () => {
  it('are of TCP or UDP, with or without TLS, and kept for as long as fits each', () => {
    assert.deepEqual(
      portsIn(
        `[[port]]\nhost = 1\ntls = "a.test"\n${targets}\n[[port]]\nhost = 2\nprotocol = "udp"\n${targets}\n[[port]]\nhost = 2\nidle_timeout = "5s"\n${targets}`,
      ),
      [
        ['port-1', [{ host: 1, tls_host: 'a.test', idle_ms: 3_600_000 }]],
        ['port-2', [{ host: 2, protocol: 'udp', idle_ms: 60_000 }]],
        ['port-2-2', [{ host: 2, idle_ms: 5_000 }]],
      ],
    );
  });

  for (const [text, said] of [
    [`[[port]]\nhost = 2\n${targets}\n[[port]]\nhost = 2\n${targets}`, /^5:8 .*is taken by a port before it/],
    [`[[port]]\nhost = 2\nprotocol = "udp"\ntls = "a.test"\n${targets}`, /^4:7 .*is about connections/],
    [`[[port]]\nhost = 2\ntls = true\n${targets}`, /^3:7 port\[0\]\.tls: must be/],
  ] as const) {
    it(`are refused with ${text.replaceAll('\n', ', ')}`, () => {
      const [problem = '', ...more] = problemsIn(text);
      assert.match(problem, said);
      assert.deepEqual(more, []);
    });
  }
});
