import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatPlace, parsePlace } from './secret-place.ts';

describe('secret places', () => {
  it('are a path and a JSON pointer', () => {
    assert.equal(formatPlace('web/service.toml', ['env', 'TOKEN']), 'web/service.toml#/env/TOKEN');
    assert.equal(formatPlace('a#b/100%.toml', ['port', 0, 'a/b~c']), 'a%23b/100%25.toml#/port/0/a~1b~0c');
  });

  it('are read back as they were written', () => {
    const path = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(path, fc.array(fc.oneof(fc.string(), fc.nat()), { minLength: 1 }), (file, pointer) => {
        assert.deepEqual(parsePlace(formatPlace(file, pointer)), { path: file, pointer: pointer.map(String) });
      }),
    );
  });

  for (const ref of ['', 'web/service.toml', 'web/service.toml#', '#/env/A', 'web/service.toml#env']) {
    it(`refuses ${JSON.stringify(ref)}`, () => assert.equal(parsePlace(ref), null));
  }
});
