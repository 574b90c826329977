import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container, declared } from '../testing/observed.ts';
import { type Gate, gatesOf, judgeGate } from './gates.ts';

const proxied = { proxy: { host: 'a', service_port: 3000 } };

describe('gatesOf', () => {
  const plain = container();
  const table: readonly (readonly [string, Gate['kind'], number | null, ReturnType<typeof declared>, readonly number[]])[] = [
    ['waits a while when nothing is known', 'running', null, declared(), []],
    ['asks the proxied port', 'tcp', 3000, declared(proxied), [80]],
    ['asks the only published port', 'tcp', 8080, declared({ port: [{ host: 80, container: 8080 }] }), [1, 2]],
    ['asks the only port that the proxy takes', 'tcp', 5433, declared({ proxied_port: [{ host: 80, container: 5433 }] }), [1, 2]],
    ['asks the only exposed port, for a while', 'exposed', 80, declared(), [80]],
    [
      'asks none that the proxy takes datagrams for',
      'running',
      null,
      declared({ proxied_port: [{ host: 53, container: 53, protocol: 'udp' }] }),
      [],
    ],
    ['guesses no port among several', 'running', null, declared(), [80, 443]],
    ['does not ask UDP', 'running', null, declared({ port: [{ host: 53, container: 53, protocol: 'udp' }] }), []],
    ['takes the declared gate', 'http', 3000, declared({ ...proxied, gate: [{ type: 'http', path: '/ready' }] }), []],
    ['takes the port of the declared gate', 'tcp', 9, declared({ ...proxied, gate: [{ type: 'tcp', port: 9 }] }), []],
  ];
  for (const [name, kind, port, spec, exposed] of table) {
    it(name, () => {
      const [gate, ...more] = gatesOf(spec, { ...plain, exposed });
      assert.deepEqual([gate?.kind, gate && 'port' in gate ? gate.port : null, more.length], [kind, port, 0]);
    });
  }

  it('asks Docker where the image has a health check, unless gates are declared', () => {
    const checked = container({ health: 'starting' });
    assert.deepEqual(
      gatesOf(declared(proxied), { ...checked, exposed: [] }).map(({ kind }) => kind),
      ['health'],
    );
    assert.deepEqual(
      gatesOf(
        declared({
          gate: [
            { type: 'tcp', port: 1 },
            { type: 'http', port: 2 },
          ],
        }),
        { ...checked, exposed: [] },
      ).map(({ kind }) => kind),
      ['tcp', 'http'],
    );
  });

  it('waits for a declared check as long as that may take, and never for less than for one of the image', () => {
    const deadline = (healthcheck: Record<string, unknown>) => {
      const [gate] = gatesOf(declared({ service: { healthcheck } }), { exposed: [], health: 'starting' });
      return gate?.kind === 'health' ? gate.deadlineMs / 1_000 : null;
    };
    assert.equal(deadline({ test: ['CMD', 'true'], interval: '1s' }), 300);
    assert.equal(deadline({ start_period: '10m' }), 600 + 3 * 60);
    assert.equal(deadline({ start_period: '1m', interval: '2m', timeout: '10s', retries: 5 }), 60 + 5 * 130);
  });

  it('asks the port where a declared NONE took the check of the image away', () => {
    const spec = declared({ ...proxied, service: { healthcheck: { test: ['NONE'] } } });
    assert.deepEqual(
      gatesOf(spec, { exposed: [], health: 'none' }).map(({ kind }) => kind),
      ['tcp'],
    );
  });

  it('refuses a gate that cannot know its port', () => {
    assert.throws(() => gatesOf(declared({ gate: [{ type: 'http' }] }), { ...plain, exposed: [80, 81] }), { code: 'GATE_PORT_UNKNOWN' });
  });
});

describe('judgeGate', () => {
  const started = Date.parse('2026-01-01T00:00:00Z');
  const tcp: Gate = { kind: 'tcp', port: 80, timeoutMs: 1_000, intervalMs: null, deadlineMs: 60_000 };
  const yes = { ok: true, message: 'accepts' } as const;
  const no = { ok: false, message: 'connection refused' } as const;
  interface Look {
    readonly afterMs: number;
    readonly answer?: typeof yes | typeof no | null;
    readonly health?: 'starting' | 'healthy' | 'unhealthy';
  }
  const judge = (gate: Gate, { afterMs, answer = null, health = 'starting' }: Look) =>
    judgeGate(gate, { container: container({ health }), answer, now: started + afterMs });

  it('passes with a yes, even after the deadline', () => assert.equal(judge(tcp, { afterMs: 99_000, answer: yes }).kind, 'passed'));
  it('waits until the deadline, and fails then with the last answer', () => {
    assert.equal(judge(tcp, { afterMs: 59_999, answer: no }).kind, 'pending');
    const failed = judge(tcp, { afterMs: 60_000, answer: no });
    assert.deepEqual(failed, { kind: 'failed', verdict: 'gate-failed', message: 'it was not ready within 60 s: connection refused' });
  });
  it('asks an undeclared gate often at first and seldom later', () => {
    const after = (ms: number) => {
      const verdict = judge(tcp, { afterMs: ms, answer: no });
      return verdict.kind === 'pending' ? verdict.lookAfterMs : null;
    };
    assert.deepEqual([after(0), after(3_000), after(30_000)], [100, 300, 1_000]);
  });
  it('keeps to a declared interval', () => {
    const verdict = judge({ ...tcp, intervalMs: 2_000 }, { afterMs: 0, answer: no });
    assert.equal(verdict.kind === 'pending' && verdict.lookAfterMs, 2_000);
  });
  it('waits for a port that only the image names, and then takes it for one that is not used', () => {
    const exposed: Gate = { kind: 'exposed', port: 3000, timeoutMs: 1_000, patienceMs: 30_000 };
    assert.equal(judge(exposed, { afterMs: 100, answer: yes }).kind, 'passed');
    const waits = judge(exposed, { afterMs: 29_900, answer: no });
    assert.deepEqual([waits.kind, waits.kind === 'pending' && waits.lookAfterMs], ['pending', 100]);
    assert.match(
      waits.kind === 'pending' ? waits.reason : '',
      /port 3000, which its image exposes \(waited for up to 30 s; a \[service\.healthcheck\] with a short interval is asked instead\)/,
    );
    assert.deepEqual(judge(exposed, { afterMs: 30_000, answer: no }), {
      kind: 'passed',
      reason: 'it ran for 30 s; nobody answers on port 3000, which only its image names',
    });
  });
  it('takes the word of Docker', () => {
    const health: Gate = { kind: 'health', deadlineMs: 300_000 };
    assert.equal(judge(health, { afterMs: 0, health: 'healthy' }).kind, 'passed');
    assert.equal(judge(health, { afterMs: 0, health: 'starting' }).kind, 'pending');
    assert.deepEqual(judge(health, { afterMs: 0, health: 'unhealthy' }).kind, 'failed');
    assert.equal(judge(health, { afterMs: 300_000, health: 'starting' }).kind, 'failed');
  });
  it('wants it to run for a while when there is nothing to ask', () => {
    const running: Gate = { kind: 'running', minHealthyMs: 3_000 };
    assert.deepEqual(judge(running, { afterMs: 1_000 }), { kind: 'pending', reason: 'it has to run for a while', lookAfterMs: 2_000 });
    assert.equal(judge(running, { afterMs: 3_000 }).kind, 'passed');
  });
});
