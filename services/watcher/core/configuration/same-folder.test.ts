import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sameFolder } from './same-folder.ts';

describe('two names', () => {
  const table: readonly (readonly [one: string, other: string | undefined, same: boolean])[] = [
    ['./deploy', './deploy', true],
    ['./deploy', './deploy/', true],
    ['./deploy', 'deploy', true],
    ['./deploy', './other/../deploy', true],
    ['/srv/deploy', '/srv//deploy/', true],
    ['.', './', true],
    ['/', '//', true],
    ['./deploy', '/deploy', false],
    ['./deploy', '../deploy', false],
    ['./deploy', './deploy2', false],
    ['./deploy', undefined, false],
  ];
  for (const [one, other, same] of table)
    it(`${one} and ${other} are ${same ? 'one folder' : 'two folders'}`, () => assert.equal(sameFolder(one, other), same));
});
