import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createShortMemory } from './short-memory.ts';

describe('a short memory', () => {
  it('holds what was noted last, until it is forgotten', () => {
    const memory = createShortMemory<number>();
    memory.note('one', 1);
    memory.note('one', 2);
    assert.equal(memory.get('one'), 2);
    memory.forget('one');
    assert.equal(memory.get('one'), undefined);
  });

  it('holds the last few', () => {
    const memory = createShortMemory<number>();
    for (let index = 0; index < 1_000; index += 1) {
      memory.note('often', index);
      memory.note(`once-${index}`, index);
    }
    const held = Array.from({ length: 1_000 }, (_, index) => memory.get(`once-${index}`)).filter((value) => value !== undefined);
    assert.ok(held.length > 10 && held.length < 100 && held.at(-1) === 999, `${held.length}`);
    assert.equal(memory.get('often'), 999);
  });
});
