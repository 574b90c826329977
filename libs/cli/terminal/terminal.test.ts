import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRecordingTerminal } from '../testing/recording-terminal.ts';

describe('createTerminal', () => {
  it('keeps results and remarks apart', () => {
    const terminal = createRecordingTerminal();
    terminal.print('result');
    terminal.note('remark');
    assert.equal(terminal.out(), 'result\n');
    assert.equal(terminal.err(), 'remark\n');
  });

  it('writes JSON for programs, on one line where several follow', () => {
    const terminal = createRecordingTerminal();
    terminal.json({ a: 1 });
    terminal.json({ a: 1 }, { compact: true });
    assert.equal(terminal.out(), '{\n  "a": 1\n}\n{"a":1}\n');
  });

  it('writes no escape code where there is no terminal', () => {
    const terminal = createRecordingTerminal();
    terminal.clear();
    terminal.table(['A'], [[{ text: 'x', tone: 'bad' }]]);
    assert.equal(terminal.out(), 'A\nx\n');
  });

  it('writes no colour when NO_COLOR is set', () => {
    const terminal = createRecordingTerminal({ isTerminal: true, environment: { NO_COLOR: '1' } });
    terminal.table(['A'], [[{ text: 'x', tone: 'bad' }]]);
    assert.equal(terminal.out(), 'A\nx\n');
  });
});
