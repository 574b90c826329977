import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findByName } from './find-by-name.ts';

const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));

describe('what is found by name', () => {
  it('is the one of that name, wherever the asking list has it, and nothing for a name that is not there', () => {
    fc.assert(
      fc.property(names, names, fc.boolean(), (here, asked, tellsPlace) => {
        const all = here.map((name) => ({ name }));
        const find = findByName(all);
        for (const [index, name] of asked.entries()) {
          assert.equal(find(name, tellsPlace ? index : undefined), all[here.indexOf(name)]);
        }
      }),
    );
  });

  it('needs no index while both lists have the same order', () => {
    const first = { name: 'a' };
    const all = Object.assign([first, { name: 'b' }], { map: () => assert.fail('made an index') });
    assert.equal(findByName(all)('a', 0), first);
    assert.throws(() => findByName(all)('b', 0), /made an index/);
  });
});
