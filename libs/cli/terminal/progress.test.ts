import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { createRecordingTerminal } from '../testing/recording-terminal.ts';
import { showProgress } from './progress.ts';

describe('showProgress', () => {
  it('writes a line for each change where there is no terminal', async () => {
    const terminal = createRecordingTerminal();
    const ending = await showProgress({
      terminal,
      title: 'deploying web',
      work: async (tell) => {
        for (const line of ['pulling', 'pulling', 'starting']) tell(line);
        return { ok: true, line: 'web serves', extra: 7 };
      },
    });
    assert.equal(ending.extra, 7);
    assert.equal(terminal.out(), 'deploying web\n  pulling\n  starting\nweb serves\n');
  });

  it('writes lines on a terminal that has no width', async () => {
    const terminal = createRecordingTerminal({ isTerminal: true, columns: 0 });
    await showProgress({ terminal, title: 'deploying web', work: async () => ({ ok: true, line: 'web serves' }) });
    assert.equal(terminal.out(), 'deploying web\nweb serves\n');
  });

  it('lets no control character of a step through', async () => {
    const terminal = createRecordingTerminal();
    await showProgress({
      terminal,
      title: 'deploying',
      work: async (tell) => {
        tell('a\u001b[2Jb');
        return { ok: true, line: 'c\u001b[2Jd' };
      },
    });
    assert.equal(terminal.out(), 'deploying\n  ab\ncd\n');
  });

  it('ends with a tick on a terminal', async () => {
    const terminal = createRecordingTerminal({ isTerminal: true });
    await showProgress({ terminal, title: 'deploying web', work: async () => ({ ok: true, line: 'web serves' }) });
    assert.match(stripVTControlCharacters(terminal.out()), /[✔√] web serves\n$/);
  });

  it('ends with a cross, and the result all the same, when it went wrong', async () => {
    const terminal = createRecordingTerminal({ isTerminal: true });
    const ending = await showProgress({ terminal, title: 'deploying web', work: async () => ({ ok: false, line: 'web crashed' }) });
    assert.equal(ending.ok, false);
    assert.match(stripVTControlCharacters(terminal.out()), /[✖×] web crashed\n/);
  });

  it('passes on what the work threw', async () => {
    for (const isTerminal of [false, true]) {
      const work = async () => await Promise.reject(new Error('the bus is away'));
      await assert.rejects(showProgress({ terminal: createRecordingTerminal({ isTerminal }), title: 'deploying', work }), {
        message: 'the bus is away',
      });
    }
  });

  it('does not write a line again in which only a time is another one; a line that changes shows it', async () => {
    const work: Parameters<typeof showProgress>[0]['work'] = async (tell) => {
      tell('waiting; next try in 10 s');
      tell('waiting; next try in 9 s', { isNews: false });
      tell('pulling', { isNews: true });
      return { ok: true, line: 'web serves' };
    };
    const plain = createRecordingTerminal();
    await showProgress({ terminal: plain, title: 'deploying', work });
    assert.equal(plain.out(), 'deploying\n  waiting; next try in 10 s\n  pulling\nweb serves\n');
  });
});
