import assert from 'node:assert/strict';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isFieldName, isFieldValue, trimBlanks } from './field-line.ts';

const latin1 = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 4 }).map((codes) => String.fromCharCode(...codes));

function takes(validate: () => void): boolean {
  try {
    validate();
    return true;
  } catch {
    return false;
  }
}

describe('a field line', () => {
  it('has the names and values that the server takes as well', () => {
    fc.assert(
      fc.property(latin1, (text) => {
        assert.equal(
          isFieldName(text),
          takes(() => validateHeaderName(text)),
        );
        assert.equal(
          isFieldValue(text),
          takes(() => validateHeaderValue('X-A', text)),
        );
      }),
    );
  });

  it('loses the blanks at its ends and no other byte', () => {
    assert.equal(trimBlanks(' \t a b\t '), 'a b');
    assert.equal(trimBlanks(' \t '), '');
    const word = Buffer.from('voilà', 'utf8').toString('latin1');
    assert.equal(trimBlanks(` ${word}`), word);
  });
});
