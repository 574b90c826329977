import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FieldGrammar, fieldGrammars, parseField } from './cron-fields.ts';

const { second, hour, day, month, weekday, year } = fieldGrammars;

describe('parseField', () => {
  const good: readonly (readonly [text: string, grammar: FieldGrammar, values: readonly number[] | 'all'])[] = [
    ['*', second, 'all'],
    ['?', day, 'all'],
    ['?', weekday, 'all'],
    ['7', second, [7]],
    ['0', hour, [0]],
    ['1,5,3', second, [1, 5, 3]],
    ['10-13', hour, [10, 11, 12, 13]],
    ['10-10', hour, [10]],
    ['*/15', second, [0, 15, 30, 45]],
    ['*/10', day, [1, 11, 21, 31]],
    ['50/3', second, [50, 53, 56, 59]],
    ['1-9/4', day, [1, 5, 9]],
    ['1-3,20/5', hour, [1, 2, 3, 20]],
    ['jan', month, [1]],
    ['JAN,december', month, [1, 12]],
    ['Feb-April', month, [2, 3, 4]],
    ['Mon-Fri', weekday, [1, 2, 3, 4, 5]],
    ['thurs', weekday, [4]],
    ['fri-sun', weekday, [5, 6, 7]],
    ['sun-tue', weekday, [0, 1, 2]],
    ['5-7', weekday, [5, 6, 7]],
    ['*/2', weekday, [0, 2, 4, 6]],
    ['1/2', weekday, [1, 3, 5]],
    ['7/2', weekday, [7]],
    ['2030-2032', year, [2030, 2031, 2032]],
  ];
  for (const [text, grammar, values] of good) {
    it(`reads "${text}" as ${grammar.name}`, () => {
      const field = parseField(text, grammar);
      assert.ok(field.ok, JSON.stringify(field));
      assert.deepEqual(field.values, values);
    });
  }

  const bad: readonly (readonly [text: string, grammar: FieldGrammar])[] = [
    ['', second],
    ['60', second],
    ['24', hour],
    ['0', day],
    ['32', day],
    ['13', month],
    ['8', weekday],
    ['1969', year],
    ['?', second],
    ['?', month],
    ['5-1', hour],
    ['5-0', weekday],
    ['sat-mon', weekday],
    ['*/0', second],
    ['*-5', second],
    ['1-', second],
    ['1,,2', second],
    ['L', day],
    ['15W', day],
    ['5#2', weekday],
    ['5L', weekday],
    ['mo', weekday],
    ['monn', weekday],
    ['mon', month],
    ['-1', second],
    ['1.5', second],
    ['1 2', second],
  ];
  for (const [text, grammar] of bad) {
    it(`refuses "${text}" as ${grammar.name} and says so`, () => {
      const field = parseField(text, grammar);
      assert.ok(!field.ok, JSON.stringify(field));
      assert.ok(field.reason.startsWith(`${grammar.name} "${text}": `), field.reason);
    });
  }

  it('knows numbers from names', () => {
    const numeric = (text: string) => {
      const field = parseField(text, weekday);
      return field.ok && field.numeric;
    };
    assert.deepEqual(['1-5', 'mon,3', 'mon-5', '1/2'].map(numeric), [true, true, true, true]);
    assert.deepEqual(['MON-FRI', '*', '?', '*/2', 'mon/2'].map(numeric), [false, false, false, false, false]);
  });
});
