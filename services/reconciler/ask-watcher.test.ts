import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { ServiceName } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import { createWatcherQuestions } from './ask-watcher.ts';

const web = ServiceName.parse('web');

/** A watcher whose answers are given by hand. */
function stage() {
  const asked: PromiseWithResolvers<never>[] = [];
  const request: Bus['request'] = async () => {
    const answer = Promise.withResolvers<never>();
    asked.push(answer);
    return await answer.promise;
  };
  return { asked, questions: createWatcherQuestions({ bus: { request }, log: silentLog() }) };
}

const unanswered = new RetryableError('REQUEST_UNANSWERED', 'nobody answered');

describe('a question to the watcher', () => {
  it('is settled by an answer at once, and asked anew for the next command', async () => {
    const { asked, questions } = stage();
    for (const command of ['one', 'two', 'one']) {
      const settled = questions.isSettled(command, web);
      asked.at(-1)?.reject(unanswered);
      assert.equal(await settled, true);
    }
    assert.equal(asked.length, 3);
  });

  it('is asked once, however often the command comes, until there is an answer or none will come', async () => {
    const { asked, questions } = stage();
    for (const command of ['one', 'two', 'one', 'two', 'one']) assert.equal(await questions.isSettled(command, web), false);
    assert.equal(asked.length, 2);
    asked[1]?.reject(unanswered);
    await waitUntil(async () => await questions.isSettled('two', web));
    assert.equal(await questions.isSettled('one', web), false);
    assert.equal(asked.length, 2);
  });
});
