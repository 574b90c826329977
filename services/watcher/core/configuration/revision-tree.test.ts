import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NodeName, type ServiceEntry, ServiceName, ServiceSpec } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { bareTree, growTree, revisionOf } from './revision-tree.ts';

const head = { entry: 'kedge.toml', delay: 60 };
const node = NodeName.parse('local');

function entry(name: string, { hash = 'h', path = name }: { readonly hash?: string; readonly path?: string } = {}): ServiceEntry {
  const spec = ServiceSpec.parse({ service: { name, image: 'nginx' }, dispenser: { watch: true } });
  return { node, spec, hash, path };
}
const grown = (...come: readonly ServiceEntry[]) => growTree(bareTree, { gone: [], come });
const many = Array.from({ length: 200 }, (_, index) => entry(`app${index}`));

describe('the revision of a configuration', () => {
  it('is the same for ever, so that watchers of two versions agree', () => {
    const content = { ...head, networks: [{ name: 'back' }], tree: grown(entry('web'), entry('api', { path: 'apps/api' })) };
    assert.equal(revisionOf(content), 'a095d71c5f08374f9314f2ce30b7c59d33412e18a193ada5137ee2b07221c90f');
  });

  it('is another one for another hash, folder, name, service, delay or network', () => {
    const before = { ...head, tree: grown(entry('web'), entry('api')) };
    const revisions = [
      before,
      { ...before, tree: grown(entry('web', { hash: 'other' }), entry('api')) },
      { ...before, tree: grown(entry('web', { path: 'site' }), entry('api')) },
      { ...before, tree: grown(entry('site'), entry('api')) },
      { ...before, tree: grown(entry('web')) },
      { ...before, tree: bareTree },
      { ...before, delay: 5 },
      { ...before, networks: [{ name: 'back' }] },
    ].map(revisionOf);
    assert.equal(new Set(revisions).size, revisions.length);
  });

  it('costs the branch of what changed: all others stay the very same values', () => {
    const before = grown(...many);
    const after = growTree(before, { gone: [], come: [entry('app7', { hash: 'other' })] });
    assert.equal(after.filter((branch, place) => branch !== before[place]).length, 1);
  });

  it('is the same however the services came to be these', () => {
    const names = fc.constantFrom(...['web', 'api', 'db', '11', '10', 'a.b', 'a-b', 'toString'].map((name) => ServiceName.parse(name)));
    const change = fc.record({ name: names, to: fc.constantFrom(null, 'one', 'two'), path: fc.constantFrom('here', 'there') });
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(change, { selector: ({ name }) => name })), (passes) => {
        const held = new Map<string, ServiceEntry>();
        let tree = bareTree;
        for (const changes of passes) {
          for (const { name, to, path } of changes) {
            if (to === null) held.delete(name);
            else held.set(name, entry(name, { hash: to, path }));
          }
          const gone = changes.filter(({ to }) => to === null).map(({ name }) => name);
          tree = growTree(tree, { gone, come: changes.flatMap(({ name }) => held.get(name) ?? []) });
          assert.deepEqual(tree, grown(...[...held.values()].toReversed()));
        }
      }),
    );
  });
});
