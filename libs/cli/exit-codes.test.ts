import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import { exitCodeOf, exitCodes, exitCodesHelp } from './exit-codes.ts';

describe('exit codes', () => {
  it('stand in the README and in the help, each and no other', async () => {
    const codes = Object.values(exitCodes).map(String);
    const readme = await readFile(new URL('README.md', import.meta.url), 'utf8');
    const rows = (text: string, form: RegExp) => [...text.matchAll(form)].map(([, code]) => code);
    assert.deepEqual(rows(readme, /^\| (\d+) \| /gm), codes);
    assert.deepEqual(rows(exitCodesHelp, /^ {2}(\d+) /gm), codes);
  });

  it('tell a bus that is away from a request that was refused', () => {
    assert.equal(exitCodeOf(new RetryableError('BUS_UNAVAILABLE', 'x')), 2);
    assert.equal(exitCodeOf(new RetryableError('REQUEST_UNANSWERED', 'x')), 2);
    assert.equal(exitCodeOf(new TerminalError('NOT_PERMITTED', 'x')), 1);
    assert.equal(exitCodeOf(new Error('x')), 1);
  });
});
