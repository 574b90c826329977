import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { createRecordingTerminal } from '../testing/recording-terminal.ts';
import { createTerminal } from './terminal.ts';

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

  it('writes no escape code where the terminal cannot read one', () => {
    const terminal = createRecordingTerminal({ isTerminal: true, environment: { TERM: 'dumb' } });
    terminal.clear();
    terminal.note(terminal.paint('bad', 'x'));
    assert.deepEqual([terminal.out(), terminal.err(), terminal.isTerminal], ['', 'x\n', false]);
  });

  for (const [typed, isYes] of [
    ['y\n', true],
    [' YES \n', true],
    ['n\n', false],
    ['\n', false],
    ['yesterday\n', false],
    // Ctrl-D.
    ['', false],
  ] as const) {
    it(`asks there in plain words, and takes ${JSON.stringify(typed)} for ${isYes ? 'a yes' : 'a no'}`, async () => {
      const [stdin, stdout] = [new PassThrough(), new PassThrough()].map((stream) => Object.assign(stream, { isTTY: true }));
      assert.ok(stdin && stdout);
      const terminal = createTerminal({ stdout, stderr: stdout, stdin, environment: { TERM: 'dumb' }, now: () => new Date() });
      assert.equal(terminal.canAsk, true);
      const asked = terminal.confirm('Remove web?');
      stdin.end(typed);
      assert.equal(await asked, isYes);
      stdout.end();
      assert.equal((await stdout.toArray()).join(''), `Remove web? [y/N] ${typed === '' ? '\n' : ''}`);
    });
  }

  it('paints no remark that goes into a file, though the result goes to a terminal', () => {
    const [stdout, stderr] = [Object.assign(new PassThrough(), { isTTY: true }), new PassThrough()];
    const terminal = createTerminal({ stdout, stderr, stdin: new PassThrough(), environment: {}, now: () => new Date() });
    terminal.note(terminal.paint('bad', 'x'));
    terminal.print(terminal.paint('bad', 'y'));
    assert.equal(String(stderr.read()), 'x\n');
    assert.ok(String(stdout.read()).startsWith('\u001b[31my'));
  });
});
