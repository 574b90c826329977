import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorCode, errorMessage, RetryableError, TerminalError } from './errors.ts';

describe('an error', () => {
  it('keeps its code, its facts, its cause and its kind', () => {
    const cause = new Error('the socket closed');
    const error = new TerminalError('IMAGE_PLATFORM_MISSING', 'build it', { details: { image: 'app:1' }, cause });
    assert.deepEqual(
      [error.name, error.code, error.message, error.details, error.cause],
      ['TerminalError', 'IMAGE_PLATFORM_MISSING', 'build it', { image: 'app:1' }, cause],
    );
    assert.equal('cause' in new TerminalError('SEAL_BROKEN', 'a'), false);
  });

  it('that may pass says how long to wait, when the other side said so', () => {
    assert.equal(new RetryableError('REGISTRY_UNREACHABLE', 'wait', { retryAfterMs: 7 }).retryAfterMs, 7);
    assert.equal(new RetryableError('REGISTRY_UNREACHABLE', 'wait').retryAfterMs, undefined);
  });

  it('of somebody else has a code and a message too', () => {
    assert.deepEqual([errorCode(new Error('a')), errorMessage(new Error('a'))], ['UNEXPECTED', 'a']);
    assert.deepEqual([errorCode('text'), errorMessage('text')], ['UNEXPECTED', 'text']);
    assert.equal(errorCode(new RetryableError('BUS_UNAVAILABLE', 'a')), 'BUS_UNAVAILABLE');
  });
});
