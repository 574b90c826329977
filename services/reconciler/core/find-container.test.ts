import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container } from '../testing/observed.ts';
import { findContainer } from './find-container.ts';

describe('findContainer', () => {
  const containers = [container({ id: 'c1' }), container({ id: 'c2' })];
  it('finds one by its id', () => assert.equal(findContainer({ containers }, 'c2'), containers[1]));
  it('asks for another look when it is gone', () =>
    assert.throws(() => findContainer({ containers }, 'c3'), { name: 'RetryableError', code: 'CONTAINER_GONE' }));
});
