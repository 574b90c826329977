import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { it } from 'node:test';
import { askPlainly } from './ask-plainly.ts';

it('takes Ctrl-C for a no', async () => {
  // Not the process: whoever runs this test listens there, too.
  const interrupts = new EventEmitter();
  const output = new PassThrough();
  const asked = askPlainly({ question: 'Remove web?', input: new PassThrough(), output, interrupts });
  interrupts.emit('SIGINT');
  assert.equal(await asked, false);
  output.end();
  assert.equal((await output.toArray()).join(''), 'Remove web? [y/N] \n');
});
