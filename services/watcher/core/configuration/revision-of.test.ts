import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashJson } from '@kedge/shared/kernel';
import fc from 'fast-check';
import { revisionLines, revisionOf } from './revision-of.ts';

const name = fc.oneof(fc.constantFrom('1', '10', '2', 'B', 'a', 'a.b', 'a-b', 'toString'), fc.string({ unit: 'grapheme' }));

describe('the revision of a configuration', () => {
  it('is the hash of its canonical JSON, whatever services and folders are called', () => {
    const content = fc.record(
      {
        entry: fc.constantFrom('kedge.toml', 'dispenser.toml'),
        delay: fc.nat(),
        services: fc.uniqueArray(fc.record({ name, hash: fc.stringMatching(/^[0-9a-f]{4}$/), path: name }), {
          selector: (each) => each.name,
        }),
        networks: fc.option(fc.array(fc.record({ name, internal: fc.boolean() })), { nil: undefined }),
        proxy: fc.option(fc.record({ enabled: fc.boolean() }), { nil: undefined }),
      },
      { requiredKeys: ['entry', 'delay', 'services'] },
    );
    fc.assert(
      fc.property(content, ({ services, networks, proxy, ...rest }) => {
        const head = { ...rest, ...(networks && { networks }), ...(proxy && { proxy }) };
        const paths = Object.fromEntries(services.map((each) => [each.name, each.path]));
        const hashes = Object.fromEntries(services.map((each) => [each.name, each.hash]));
        const lines = services.map((each) => revisionLines(each.name, each));
        assert.equal(revisionOf({ ...head, lines }), hashJson({ ...head, paths, services: hashes }));
      }),
    );
  });
});
