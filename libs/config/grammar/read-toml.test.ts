import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isToml } from './read-toml.ts';

it('a text is TOML by itself, or is not', () => {
  assert.deepEqual(['', 'a = 1', '[a]\nb = "c"', 'a = ', 'a = 1 b = 2', 'a = 1\na = 2'].map(isToml), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
