import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shortId } from './docker-inspect.ts';

describe('shortId', () => {
  it('shortens the id of a container, and leaves a name whole', () => {
    assert.equal(shortId('0123456789abcdef'.repeat(4)), '0123456789ab');
    for (const name of ['web', 'web.20260101T030000000Z.0abc', 'deadbeefdeadbeef']) assert.equal(shortId(name), name);
  });
});
