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

describe('routes of a proxy that runs alone', () => {
  it('have a name, also where the host is too short or too long for one', () => {
    const long = `${'a'.repeat(60)}.test`;
    const names = portsIn(['h', '*', long].map((host) => `[[route]]\nhost = "${host}"\n${targets}\n`).join('')).map(([name]) => name);
    assert.deepEqual(names, ['route-h', 'route-all', 'a'.repeat(56)]);
  });

  for (const [text, said] of [
    [
      `[[route]]\nhost = "a.test"\n${targets}\n[[route]]\nhost = "A.test"\n${targets}`,
      /^5:8 .*two routes claim "a\.test\/": the other one at line 2, column 8/,
    ],
    [`[[route]]\nname = "x"\nhost = "a.test"\n${targets}`, /^2:8 route\[0\]\.name: must be letters.*2 to 56 of them/],
    [`[[route]]\nhost = "a.test"\ntargets = ["127.0.0.1:1", "127.0.0.1:1"]`, /^3:11 route\[0\]\.targets: must name each once/],
    [
      `[[route]]\nhost = "a.test"\n${targets}\nbasic_auth = { ann = "secret" }`,
      /^4:\d+ route\[0\]\.basic_auth\.ann: cannot be used: it is no hash of argon2/,
    ],
    [
      `[[route]]\nhost = "a.test"\n${targets}\neject = { base = "2s", max = "1s" }`,
      /^4:\d+ route\[0\]\.eject\.max: must not be shorter than base, which is 2s/,
    ],
    [`[[port]]\nhost = 2\n${targets}\n[[port]]\nhost = 2\nhost_ip = "127.0.0.1"\n${targets}`, /^5:8 .*is taken by a port before it/],
  ] as const) {
    it(`are refused with ${text.replaceAll('\n', ', ')}`, () => {
      const [problem = '', ...more] = problemsIn(text);
      assert.match(problem, said);
      assert.deepEqual(more, []);
    });
  }
});
