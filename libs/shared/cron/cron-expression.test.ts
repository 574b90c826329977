import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type CronClock, parseCron } from './cron-expression.ts';

function clockOf(expression: string, zone = 'UTC'): CronClock {
  const parsed = parseCron(expression, zone);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.clock;
}

function fires(expression: string, { zone = 'UTC', from, count }: { zone?: string; from: string; count: number }): string[] {
  const clock = clockOf(expression, zone);
  const instants: string[] = [];
  let at: Date | null = new Date(from);
  while (instants.length < count && at !== null) {
    at = clock.nextAfter(at);
    if (at) instants.push(at.toISOString().replace('.000Z', 'Z'));
  }
  return instants;
}

describe('parseCron', () => {
  const from = '2026-11-20T12:00:00Z'; // a Friday
  const cases: readonly (readonly [expression: string, expected: readonly string[]])[] = [
    ['30 9 * * *', ['2026-11-21T09:30:00Z', '2026-11-22T09:30:00Z']],
    ['0 30 9 * * *', ['2026-11-21T09:30:00Z', '2026-11-22T09:30:00Z']],
    ['0 30 9 * * * *', ['2026-11-21T09:30:00Z', '2026-11-22T09:30:00Z']],
    ['*/2 * * * * *', ['2026-11-20T12:00:02Z', '2026-11-20T12:00:04Z']],
    ['  0   30\t9 * * *  ', ['2026-11-21T09:30:00Z']],
    ['0 0 0 ? * Mon-Fri', ['2026-11-23T00:00:00Z', '2026-11-24T00:00:00Z']],
    ['0 0 0 * * sat,sunday', ['2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z', '2026-11-28T00:00:00Z']],
    ['0 0 * * 0', ['2026-11-22T00:00:00Z', '2026-11-29T00:00:00Z']],
    ['0 0 * * 7', ['2026-11-22T00:00:00Z', '2026-11-29T00:00:00Z']],
    ['0 0 * * 5-7', ['2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z', '2026-11-27T00:00:00Z']],
    ['0 0 0 * * 1', ['2026-11-23T00:00:00Z']],
    ['0 0 13 * 5', ['2027-08-13T00:00:00Z', '2028-10-13T00:00:00Z']],
    ['0 0 29 2 *', ['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z']],
    ['0 0 0 1 1 * 2028,2030', ['2028-01-01T00:00:00Z', '2030-01-01T00:00:00Z']],
    ['0 0 0 30 2 *', []],
    ['0 0 0 1 1 * 2020', []],
    ['@yearly', ['2027-01-01T00:00:00Z']],
    ['@monthly', ['2026-12-01T00:00:00Z']],
    ['@weekly', ['2026-11-22T00:00:00Z', '2026-11-29T00:00:00Z']],
    ['@Daily', ['2026-11-21T00:00:00Z']],
    ['@hourly', ['2026-11-20T13:00:00Z']],
  ];
  for (const [expression, expected] of cases) {
    it(`fires "${expression}" at ${expected[0] ?? 'no time'}`, () => {
      assert.deepEqual(fires(expression, { from, count: Math.max(expected.length, 1) }), expected);
    });
  }

  for (const [expression, reason] of [
    ['daily', '"daily" has 1 field; write 5, 6 or 7, or "@daily"'],
    ['houry', '"houry" has 1 field; write 5, 6 or 7, or "@hourly"'],
    ['*', '"*" has 1 field; write 5, 6 or 7'],
    [' ', '"" has no fields; write 5, 6 or 7'],
    ['* * * *', '"* * * *" has 4 fields; write 5, 6 or 7'],
    ['@daly', '"@daly" is not known; the nearest is "@daily"; there are @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly'],
    ['@reboot', '"@reboot" is not known; there are @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly'],
  ] as const) {
    it(`says of "${expression}" what to write`, () => assert.deepEqual(parseCron(expression, 'UTC'), { ok: false, reason }));
  }

  for (const expression of ['', '* * * *', '* * * * * * * *', '@reboot', '@', '61 * * * *', '* * * * mo', '0 0 L * *', 'daily']) {
    it(`refuses "${expression}" with a reason`, () => {
      const parsed = parseCron(expression, 'UTC');
      assert.ok(!parsed.ok);
      assert.ok(parsed.reason.length > 10);
    });
  }

  it('warns of numbers as weekday where Dispenser counts them otherwise', () => {
    for (const expression of ['0 0 0 * * 1-5', '0 0 0 * * mon,3 *']) assert.match(clockOf(expression).warning ?? '', /Sunday = 0/);
    for (const expression of ['0 0 * * 1-5', '0 0 0 * * MON-FRI', '0 0 0 1 1 *', '@weekly', '0 0 0 * * */2'])
      assert.equal(clockOf(expression).warning, null);
  });
});

describe('where clocks change in Europe/Berlin', () => {
  const spring = '2026-03-28T23:30:00Z'; // 02:00 becomes 03:00 at 2026-03-29T01:00:00Z
  const autumn = '2026-10-24T23:30:00Z'; // 03:00 becomes 02:00 at 2026-10-25T01:00:00Z
  const zone = 'Europe/Berlin';

  it('runs a daily job of the left-out hour once, when the clock has jumped', () => {
    assert.deepEqual(fires('30 2 * * *', { zone, from: spring, count: 2 }), ['2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z']);
  });

  it('runs a daily job of the repeated hour once', () => {
    assert.deepEqual(fires('30 2 * * *', { zone, from: autumn, count: 2 }), ['2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z']);
  });

  it('keeps the local time of a daily job on both sides', () => {
    assert.deepEqual(fires('0 9 * * *', { zone, from: '2026-03-28T00:00:00Z', count: 2 }), [
      '2026-03-28T08:00:00Z',
      '2026-03-29T07:00:00Z',
    ]);
    assert.deepEqual(fires('0 9 * * *', { zone, from: '2026-10-24T00:00:00Z', count: 2 }), [
      '2026-10-24T07:00:00Z',
      '2026-10-25T08:00:00Z',
    ]);
  });

  for (const [name, from] of [
    ['spring', spring],
    ['autumn', autumn],
  ] as const) {
    it(`keeps the distance of interval jobs in ${name}`, () => {
      fc.assert(
        fc.property(fc.constantFrom(1, 2, 5, 10, 15, 20, 30), fc.nat(3 * 3_600), (minutes, offset) => {
          const clock = clockOf(`*/${minutes} * * * *`, zone);
          const first = clock.nextAfter(new Date(Date.parse(from) + offset * 1_000));
          const second = first && clock.nextAfter(first);
          assert.equal((second?.getTime() ?? 0) - (first?.getTime() ?? 0), minutes * 60_000);
        }),
      );
    });
  }

  it('goes forward only, and gives the same next instant from every moment before it', () => {
    const field = (max: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.nat(max).map(String),
        fc.integer({ min: 2, max: 20 }).map((step) => `*/${step}`),
      );
    const moment = fc
      .constantFrom(spring, autumn)
      .chain((start) => fc.nat(4 * 3_600).map((offset) => new Date(Date.parse(start) + offset * 1_000)));
    fc.assert(
      fc.property(
        fc.record({ second: field(59), minute: field(59), hour: fc.constantFrom('*', '1', '2', '3', '1-3', '*/2') }),
        moment,
        fc.nat(1_000),
        ({ second, minute, hour }, after, part) => {
          const clock = clockOf(`${second} ${minute} ${hour} * * *`, zone);
          const next = clock.nextAfter(after);
          assert.ok(next && next > after);
          const between = new Date(after.getTime() + Math.floor(((next.getTime() - after.getTime() - 1) * part) / 1_000));
          assert.deepEqual(clock.nextAfter(between), next);
        },
      ),
      { numRuns: 300 },
    );
  });
});
