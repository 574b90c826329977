import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askOnce } from './ask-once.ts';
import { createRecordingTerminal } from './testing/recording-terminal.ts';

const asked = { question: 'Take web down?', answer: 'kedge down --yes' };

describe('askOnce', () => {
  it('asks nobody when it was answered beforehand', async () => {
    const terminal = createRecordingTerminal({ answer: false });
    assert.equal(await askOnce(terminal, { ...asked, yes: true }), true);
    assert.equal(terminal.out(), '');
  });

  it('takes the answer, and says what a no means', async () => {
    for (const [answer, out] of [
      [true, '? Take web down?\n'],
      [false, '? Take web down?\nLeft as it is.\n'],
    ] as const) {
      const terminal = createRecordingTerminal({ answer });
      assert.equal(await askOnce(terminal, { ...asked, yes: false }), answer);
      assert.equal(terminal.out(), out);
    }
  });

  it('names the line that answers where nobody is there to ask', async () => {
    await assert.rejects(askOnce(createRecordingTerminal(), { ...asked, yes: false }), {
      code: 'ANSWER_NEEDED',
      message: 'there is no terminal to ask on: Take web down? "kedge down --yes" answers it',
    });
  });
});
