import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cannotBeRead, isUnreadable } from './unreadable-text.ts';

describe('a file that is no text', () => {
  it('is told with its reason, and known again by that', () => {
    assert.equal(cannotBeRead('it is a folder'), 'cannot be read: it is a folder');
    assert.equal(isUnreadable({ offset: 0, message: cannotBeRead(undefined) }), true);
    assert.equal(isUnreadable({ offset: 0, message: 'line 1 of this env file does not begin with a name' }), false);
  });
});
