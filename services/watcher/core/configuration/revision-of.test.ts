import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashJson } from '@kedge/shared/kernel';
import fc from 'fast-check';
import { revisionOf } from './revision-of.ts';

const name = fc.oneof(fc.constantFrom('1', '10', '2', 'B', 'a', 'a.b', 'a-b', 'toString'), fc.string({ unit: 'grapheme' }));

describe('the revision of a configuration', () => {
  it('is the hash of its canonical JSON, whatever services and folders are called', () => {
    const content = fc.record(
      {
        entry: fc.constantFrom('kedge.toml', 'dispenser.toml'),
        delay: fc.nat(),
        services: fc.dictionary(name, fc.stringMatching(/^[0-9a-f]{4}$/)),
        paths: fc.dictionary(name, name),
        networks: fc.option(fc.array(fc.record({ name, internal: fc.boolean() })), { nil: undefined }),
        proxy: fc.option(fc.record({ enabled: fc.boolean() }), { nil: undefined }),
      },
      { requiredKeys: ['entry', 'delay', 'services', 'paths'] },
    );
    fc.assert(
      fc.property(content, ({ networks, proxy, ...rest }) => {
        const given = { ...rest, ...(networks && { networks }), ...(proxy && { proxy }) };
        assert.equal(revisionOf(given), hashJson(given));
      }),
    );
  });
});
