import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPaint } from './style.ts';

describe('createPaint', () => {
  it('paints on a terminal', () => {
    assert.equal(createPaint({ isTerminal: true, noColor: undefined })('bad', 'failed'), '\u001b[31mfailed\u001b[39m');
  });

  it('leaves text alone elsewhere', () => {
    assert.equal(createPaint({ isTerminal: false, noColor: undefined })('bad', 'failed'), 'failed');
  });

  it('honours NO_COLOR, unless it is empty', () => {
    assert.equal(createPaint({ isTerminal: true, noColor: '1' })('good', 'ok'), 'ok');
    assert.notEqual(createPaint({ isTerminal: true, noColor: '' })('good', 'ok'), 'ok');
  });
});
