import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRecordingTerminal } from './testing/recording-terminal.ts';
import { defaultTimeoutMs, waitingAs } from './waiting.ts';

describe('waitingAs', () => {
  it('waits unless it is told not to, for as long as it is told', () => {
    const terminal = createRecordingTerminal();
    const { wait, timeoutMs } = waitingAs({ terminal }, {});
    assert.deepEqual([wait, timeoutMs], [true, defaultTimeoutMs]);
    const told = waitingAs({ terminal }, { wait: false, timeout: 7 });
    assert.deepEqual([told.wait, told.timeoutMs], [false, 7]);
  });

  it('tells people everything on standard output, and ends without another word', () => {
    const terminal = createRecordingTerminal();
    const { say, cli, conclude } = waitingAs({ terminal }, {});
    say.print('under way');
    cli.terminal.print('done');
    assert.equal(conclude({ outcome: 'done', services: [] }), 0);
    assert.deepEqual([terminal.out(), terminal.err()], ['under way\ndone\n', '']);
  });

  it('gives programs one object, which begins with whether all is well, and talks beside it', () => {
    for (const [outcome, ok, exitCode] of [
      ['done', true, 0],
      ['going', true, 0],
      ['failed', false, 1],
      ['timeout', false, 1],
      ['refused', false, 1],
      ['interrupted', false, 130],
    ] as const) {
      const terminal = createRecordingTerminal();
      const { cli, conclude } = waitingAs({ terminal }, { json: true });
      cli.terminal.print('under way');
      assert.equal(conclude({ outcome, services: ['web'] }), exitCode, outcome);
      assert.deepEqual(JSON.parse(terminal.out()), { ok, outcome, services: ['web'] });
      assert.equal(terminal.err(), 'under way\n');
    }
  });
});
