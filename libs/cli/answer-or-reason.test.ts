import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerOrReason } from './answer-or-reason.ts';
import { createFakeBus } from './testing/fake-bus.ts';

describe('answerOrReason', () => {
  it('is the answer, or what is told of the error', async () => {
    const bus = createFakeBus({ 'deploy.plan': () => ({ changes: [] }) });
    assert.deepEqual(await answerOrReason(async () => await bus.request('deploy.plan', {})), { changes: [] });
    const silence = 'waiting for an answer, and asking again: reconciler did not answer status.services: no responders';
    assert.equal(await answerOrReason(async () => await bus.request('status.services', {})), silence);
  });
});
