import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, NodeName, ServiceEntry } from '@kedge/shared/contracts';
import { rejectionRecord } from '../configuration/first-rejection.ts';
import { declarationOf, sortDeclarations, staleNames } from './node-declaration.ts';

const spec = (name: string, { node = 'here', hash = 'h' } = {}) =>
  ServiceEntry.parse({ node, hash, path: name, spec: { service: { name, image: 'x' }, dispenser: { watch: true } } });
const manifest = (services: Readonly<Record<string, string>>, node = 'here') =>
  ConfigManifest.parse({ node, revision: 'r', entry: 'kedge.toml', services, delay: 60 });
const stored = (values: Readonly<Record<string, ServiceEntry | ConfigManifest>>) =>
  new Map(Object.entries(values).map(([key, value]) => [key, { value }]));
const named = (...entries: readonly ServiceEntry[]) => new Map(entries.map((entry) => [entry.spec.service.name, entry]));

describe('what nodes declare', () => {
  it('are the specs in their place that their manifest names', () => {
    const nodes = sortDeclarations(
      stored({
        'here.web': spec('web'),
        'here.gone': spec('gone'),
        'here._next.h2': spec('web', { hash: 'h2' }),
        'here._config': manifest({ web: 'h' }),
        'there._config': manifest({ web: 'h', late: 'h' }, 'there'),
        'there.web': spec('web', { node: 'there' }),
        'never.web': spec('web', { node: 'never' }),
      }),
    );
    assert.deepEqual(
      [...nodes].map(([node, { specs }]) => [node, [...specs].map(([name, { hash, node: of }]) => [name, hash, of])]),
      [
        ['here', [['web', 'h', 'here']]],
        ['there', [['web', 'h', 'there']]],
      ],
    );
  });

  it('are nothing where something was rejected and nothing was ever in force', () => {
    const node = NodeName.parse('here');
    assert.equal(sortDeclarations(stored({ 'here._rejected': rejectionRecord({ node, problems: [], now: new Date(0) }) })).size, 0);
  });
});

describe('specs to read again', () => {
  it('are those that are missing, or not as the manifest names them', () => {
    const known = named(spec('same'), spec('other'), spec('gone'));
    assert.deepEqual(staleNames(manifest({ same: 'h', other: 'h2', late: 'h' }), known), ['other', 'late']);
  });

  it('are none once the declaration is known, and none of what is declared no more', () => {
    const next = declarationOf(manifest({ same: 'h' }), named(spec('same'), spec('gone')));
    assert.deepEqual([[...next.specs.keys()], staleNames(next.manifest, next.specs)], [['same'], []]);
  });
});
