import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ownerOf } from './rendezvous.ts';

const members = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 6 });

describe('sharing by rendezvous', () => {
  it('gives everything to the only member, and nothing to none', () => {
    assert.equal(ownerOf('nginx', ['a']), 'a');
    assert.equal(ownerOf('nginx', []), null);
  });

  it('gives each key to one member, in whatever order they are listed', () => {
    fc.assert(
      fc.property(fc.string(), members, (key, all) => {
        assert.equal(ownerOf(key, all), ownerOf(key, all.toReversed()));
        assert.ok(all.includes(ownerOf(key, all) ?? ''));
      }),
    );
  });

  it('moves only the keys of a member that leaves, and to a newcomer only its own', () => {
    fc.assert(
      fc.property(fc.string(), members, fc.nat(), (key, all, index) => {
        const gone = all[index % all.length];
        const rest = all.filter((member) => member !== gone);
        const before = ownerOf(key, all);
        if (before !== gone) assert.equal(ownerOf(key, rest), before);
      }),
    );
  });

  it('shares about evenly', () => {
    const counts = new Map<string | null, number>();
    for (let index = 0; index < 900; index += 1) {
      const owner = ownerOf(`registry.example.com/app-${index}`, ['a', 'b', 'c']);
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    for (const count of counts.values()) assert.ok(count > 225 && count < 375, `${count} of 900`);
  });
});
