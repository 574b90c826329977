import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TerminalError } from '@kedge/shared/kernel';
import { createRecordingTerminal } from './testing/recording-terminal.ts';
import { errorForPrograms, noteError, wantsJson } from './told-error.ts';

describe('an error', () => {
  it('has its code, also where it is none of ours', () => {
    assert.deepEqual(errorForPrograms(new TerminalError('NODE_DOWN', 'down')), { code: 'NODE_DOWN', message: 'down' });
    assert.deepEqual(errorForPrograms(new Error('odd')), { code: 'UNEXPECTED', message: 'odd' });
  });

  it('is told to people beside the result, with a code only where it is ours', () => {
    const terminal = createRecordingTerminal();
    noteError(terminal, new TerminalError('NODE_DOWN', 'down'));
    noteError(terminal, new Error('odd'));
    assert.deepEqual([terminal.out(), terminal.err()], ['', 'error: down [NODE_DOWN]\nerror: odd\n']);
  });
});

describe('wantsJson', () => {
  for (const [line, wanted] of [
    ['status --json', true],
    ['--json', true],
    ['status --json=yes', true],
    ['status --jsonp', false],
    ['status', false],
    ['logs -- --json', false],
  ] as const)
    it(`is ${wanted} of "${line}"`, () => assert.equal(wantsJson(line.split(' ')), wanted));
});
