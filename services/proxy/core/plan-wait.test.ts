import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Plight, planWait, type Wait } from './plan-wait.ts';

const limits = { holdTimeoutMs: 30_000, connectRetryMs: 2_000 };
const fresh: Plight = { held: false, elapsedMs: 0, trouble: null, troubledMs: 0, rounds: 0 };

describe('a request without a target', () => {
  const cases: readonly (readonly [what: string, plight: Partial<Plight>, expected: Wait])[] = [
    ['is refused when nothing is ready', {}, { kind: 'refuse', status: 503 }],
    [
      'waits where its service is held',
      { held: true, elapsedMs: 10_000 },
      { kind: 'wait', waitMs: 20_000, afterwards: 'refuse', status: 503 },
    ],
    [
      'is held even after a failed connection',
      { held: true, trouble: 'unreachable', troubledMs: 9_000 },
      { kind: 'wait', waitMs: 30_000, afterwards: 'refuse', status: 503 },
    ],
    ['is held only so long', { held: true, elapsedMs: 30_000 }, { kind: 'refuse', status: 503 }],
    [
      'tries again soon when no connection came about',
      { trouble: 'unreachable' },
      { kind: 'wait', waitMs: 100, afterwards: 'try-again', status: 502 },
    ],
    [
      'tries again later the next time',
      { trouble: 'unreachable', troubledMs: 300, rounds: 2 },
      { kind: 'wait', waitMs: 400, afterwards: 'try-again', status: 502 },
    ],
    [
      'tries a last time when its time is up',
      { trouble: 'unreachable', troubledMs: 1_500, rounds: 4 },
      { kind: 'wait', waitMs: 500, afterwards: 'try-again', status: 502 },
    ],
    ['is refused after that', { trouble: 'unreachable', troubledMs: 2_000, rounds: 5 }, { kind: 'refuse', status: 502 }],
    [
      'waits for who follows a target that left',
      { trouble: 'retired' },
      { kind: 'wait', waitMs: 100, afterwards: 'try-again', status: 503 },
    ],
    ['does not add to what is too much already', { trouble: 'busy' }, { kind: 'refuse', status: 503 }],
  ];
  for (const [what, plight, expected] of cases) it(what, () => assert.deepEqual(planWait({ ...fresh, ...plight }, limits), expected));

  it('never waits when that is switched off', () => {
    const off = { holdTimeoutMs: 0, connectRetryMs: 0 };
    for (const held of [true, false])
      for (const trouble of ['unreachable', 'busy', 'retired', null] as const)
        assert.equal(planWait({ ...fresh, held, trouble }, off).kind, 'refuse');
  });

  it('waits at most for the time that it may, however often it is told to', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), fc.boolean(), (limitMs, held) => {
        let atMs = 0;
        let rounds = 0;
        for (;;) {
          const wait = planWait(
            { held, elapsedMs: atMs, trouble: 'unreachable', troubledMs: atMs, rounds },
            { holdTimeoutMs: limitMs, connectRetryMs: limitMs },
          );
          if (wait.kind === 'refuse') break;
          assert.ok(wait.waitMs > 0);
          atMs += wait.waitMs;
          rounds += 1;
        }
        assert.equal(atMs, limitMs);
      }),
    );
  });
});
