import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemReason } from './system-reason.ts';

describe('why the system did not open a file', () => {
  for (const [code, words] of [
    ['EACCES', /^Kedge must not read it \(EACCES\); check owner/],
    ['EPERM', /\(EPERM\)/],
    ['ELOOP', /^links lead in a circle/],
    ['ENAMETOOLONG', /^its path is longer/],
    ['EIO', /^EIO$/],
  ] as const) {
    it(`is told for ${code}`, () => assert.match(systemReason(code), words));
  }
});
