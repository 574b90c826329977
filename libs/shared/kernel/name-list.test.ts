import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameList } from './name-list.ts';

describe('nameList', () => {
  it('names all while they are few', () => {
    assert.equal(nameList([]), '');
    assert.equal(nameList(['web', 'api']), 'web, api');
    assert.equal(nameList(['a', 'b', 'c'], 3), 'a, b, c');
  });

  it('counts what it does not name', () => assert.equal(nameList(['a', 'b', 'c', 'd', 'e'], 3), 'a, b, c and 2 more'));
});
