import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import { CommandWords, Cpus, CronExpression, Duration, Memory, Port, PositiveDuration, SecretText, TaintedText } from './leaf-forms.ts';

const secret = { ref: 'web/service.toml#/env/A', fingerprint: 'k:1' };
const tainted = new TaintedText(secret);

/** Values that must pass (with what comes out), and values that must not (with a part of what is said). */
const table: readonly [string, z.ZodType, readonly [unknown, unknown][], readonly [unknown, RegExp][]][] = [
  [
    'memory',
    Memory,
    [
      ['512m', '512m'],
      ['256mb', '256mb'],
      ['1.5g', '1.5g'],
      ['1G', '1G'],
      [' 2g ', '2g'],
      ['8388608', '8388608'],
      ['6144k', '6144k'],
      ['0', undefined],
      [0, undefined],
      ['0m', undefined],
    ],
    [
      ['512 m', /"512m", "256mb", "1.5g"/],
      ['12q', /"512m"/],
      ['1.5', /"512m"/],
      ['', /"512m"/],
      ['-1m', /"512m"/],
      ['5m', /at least "6m"/],
      ['99999999999999g', /any machine/],
    ],
  ],
  [
    'cpus',
    Cpus,
    [
      ['0.5', '0.5'],
      [2, '2'],
      [1.5, '1.5'],
      [' 2 ', '2'],
      ['.5', '.5'],
      ['0.01', '0.01'],
      ['0', undefined],
      [0, undefined],
      ['0.0', undefined],
    ],
    [
      ['many', /from 0.01 on/],
      [-1, /from 0.01 on/],
      [true, /from 0.01 on/],
      ['0.001', /from 0.01 on/],
      ['9'.repeat(400), /from 0.01 on/],
      ['', /from 0.01 on/],
      ['0x2', /from 0.01 on/],
    ],
  ],
  [
    'port',
    Port,
    [
      [1, 1],
      [65_535, 65_535],
    ],
    [
      [0, /1 to 65535/],
      [65_536, /1 to 65535/],
    ],
  ],
  [
    'duration',
    Duration,
    [
      ['500ms', '500ms'],
      ['1m30s', '1m30s'],
      ['0s', '0s'],
      ['596h', '596h'],
    ],
    [
      ['5', /"500ms", "10s"/],
      ['30x', /"500ms", "10s"/],
      ['-1s', /"500ms", "10s"/],
      ['', /"500ms", "10s"/],
      ['soon', /"500ms"/],
      ['597h', /not be longer/],
      [15, /"1m30s", with its unit and in quotes$/],
    ],
  ],
  [
    'duration of a gate',
    PositiveDuration,
    [['1ms', '1ms']],
    [
      ['0s', /longer than nothing/],
      ['0.1ms', /longer than nothing/],
      ['30x', /"500ms", "10s"/],
    ],
  ],
  [
    'cron',
    CronExpression,
    [
      ['0 3 * * *', '0 3 * * *'],
      ['*/2 * * * * *', '*/2 * * * * *'],
      ['0 0 0 1 1 * 2030', '0 0 0 1 1 * 2030'],
      ['@daily', '@daily'],
      ['@Hourly', '@Hourly'],
    ],
    [
      ['* * * *', /not a cron expression/],
      ['61 * * * *', /not a cron expression/],
      ['@minutely', /not a cron expression/],
      ['every day at noon', /not a cron expression/],
      ['', /not a cron expression/],
      ['0 0 31 2 *', /never comes/],
      ['0 0 0 1 1 * 2025', /never comes/],
    ],
  ],
  [
    'text',
    SecretText,
    [
      ['x', 'x'],
      [tainted, secret],
    ],
    [
      [5, /in quotes/],
      ['a\0b', /NUL/],
      [{ ref: 'a', fingerprint: 'b' }, /in quotes/],
    ],
  ],
  [
    'command',
    CommandWords,
    [
      [
        ['a', 'b c'],
        ['a', 'b c'],
      ],
      ["run 'b c'", ['run', 'b c']],
      [
        ['--token', tainted],
        ['--token', secret],
      ],
      [[], []],
    ],
    [
      [tainted, /must be an array of words when a variable/],
      ["run 'x", /opening '/],
      ['run \0', /NUL/],
      [5, /array of words/],
      [['a', 5], /in quotes/],
    ],
  ],
];

describe('leaves of a configuration', () => {
  for (const [name, schema, good, bad] of table) {
    for (const [value, wanted] of good) it(`${name}: takes ${JSON.stringify(value)}`, () => assert.deepEqual(schema.parse(value), wanted));
    for (const [value, said] of bad) {
      it(`${name}: refuses ${JSON.stringify(value)}`, () => {
        const { error } = schema.safeParse(value);
        assert.match(error?.issues[0]?.message ?? 'nothing was said', said);
      });
    }
  }

  it('tells which word of a command is wrong', () => {
    assert.deepEqual(
      CommandWords.safeParse(['a', 5]).error?.issues.map(({ path }) => path),
      [[1]],
    );
  });
});
