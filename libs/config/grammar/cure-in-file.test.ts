import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateFile } from '../testing/toml-files.ts';
import { cureFor } from './cure-in-file.ts';
import { substitutionsOf } from './substitutions.ts';

describe('what helps a value where it stands in a file', () => {
  for (const [source, value, cure] of [
    ['A = "${pw}"\n', 'a"b', "write '${pw}' here"],
    ['A = "${pw}"\n', `a"'b`, "write '''${pw}''' here"],
    ['A = "${other}"\nB = "${pw}"\n', 'a"b', "write '${pw}' here"],
    ['A = "${pw}" oops\n', 'a"b', 'correct it where the variable is defined'],
  ] as const) {
    it(`is told for ${source.trim().replaceAll('\n', ' ')} and ${value}`, () => {
      const file = templateFile('web/service.toml', { source, variables: { pw: value, other: '"' } });
      const wanted = substitutionsOf(file).find(({ name }) => name === 'pw');
      assert.equal(wanted && cureFor(file, wanted), cure);
    });
  }
});
