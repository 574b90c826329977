import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { ConfigManifest, manifestKey, ServiceEntry, ServiceName, serviceKey } from '@kedge/shared/contracts';
import { startTestBus, type TestBus } from '@kedge/shared/testing';
import { createApplyConfiguration } from './apply-configuration.ts';
import type { NodeDeclaration } from './core/images/node-declaration.ts';
import { createReadDeclared } from './read-declared.ts';
import { countingBus } from './testing/counting-bus.ts';
import { invalid, valid } from './testing/judged.ts';
import { createTestClock } from './testing/test-clock.ts';

const clock = createTestClock();
const [afresh, changes] = [{ afresh: true }, { afresh: false }];

describe('what nodes declare, read from a real bus', () => {
  let testBus: TestBus;
  let count = 0;
  let [here, there]: readonly [Bus?, Bus?] = [];
  const node = (bus = here) => bus ?? assert.fail('within tests only');
  before(async () => {
    testBus = await startTestBus();
  });
  after(async () => await testBus?.close());
  beforeEach(async () => {
    count += 1;
    [here, there] = await Promise.all([
      testBus.connect('watcher', { node: `here${count}` }),
      testBus.connect('watcher', { node: `there${count}` }),
    ]);
  });

  const apply = async (images: Readonly<Record<string, string>>, bus = here) =>
    await createApplyConfiguration({ bus: node(bus), clock }).apply(valid(images));
  /** Images by service, of one node. */
  const told = (nodes: ReadonlyMap<string, NodeDeclaration>, bus = here) =>
    Object.fromEntries(
      [...(nodes.get(node(bus).node)?.specs ?? [])].map(([name, { spec }]) => [name, String(spec.service.image)]).toSorted(),
    );

  it('is one manifest of each node that is known, and the specs that it names otherwise than before', async () => {
    await apply({ aa: 'x:1', bb: 'x:1', cc: 'x:1' });
    await apply({ aa: 'y:1' }, there);
    const { bus, wholeReads, keysRead } = countingBus(node());
    const read = createReadDeclared(bus);
    const first = await read(afresh);
    assert.deepEqual([told(first), told(first, there), wholeReads()], [{ aa: 'x:1', bb: 'x:1', cc: 'x:1' }, { aa: 'y:1' }, 1]);

    await apply({ aa: 'x:1', bb: 'x:2', dd: 'x:1' });
    await apply({ aa: 'y:2' }, there);
    keysRead();
    const second = await read(changes);
    assert.deepEqual([told(second), told(second, there)], [{ aa: 'x:1', bb: 'x:2', dd: 'x:1' }, { aa: 'y:2' }]);
    const keys = ['_config', 'bb', 'dd'].map((key) => `here${count}.${key}`);
    const theirs = ['_config', 'aa'].map((key) => `there${count}.${key}`);
    // Nodes of other tests are known too.
    assert.deepEqual(
      keysRead().filter((key) => key.split('.')[0]?.endsWith(`e${count}`)),
      [...keys, ...theirs],
    );
    assert.equal(wholeReads(), 1);
  });

  it('begins with our own node, and learns of others that are new when all is read', async () => {
    const read = createReadDeclared(node());
    assert.equal((await read(changes)).size, 0);
    await apply({ web: 'x:1' });
    await apply({ web: 'y:1' }, there);
    assert.deepEqual([told(await read(changes)), told(await read(changes), there)], [{ web: 'x:1' }, {}]);
    assert.deepEqual(told(await read(afresh), there), { web: 'y:1' });
  });

  it('reads a node at once where much changed', async () => {
    const { bus, keysRead } = countingBus(node());
    await apply(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`app${index}`, 'x:1'])));
    keysRead();
    assert.equal(Object.keys(told(await createReadDeclared(bus)(changes))).length, 30);
    assert.deepEqual(keysRead(), [`here${count}.*`, `here${count}._config`]);
  });

  it('keeps a spec as it was while its successor is being written, and reads it until it is there', async () => {
    const read = createReadDeclared(node());
    await apply({ web: 'x:1' });
    await read(afresh);
    const manifests = node().bucket('services', ConfigManifest);
    const manifest = await manifests.get(manifestKey(node().node));
    assert.ok(manifest && (await manifests.update(manifest.key, { ...manifest.value, services: { web: 'h2' } }, manifest.revision)));
    assert.deepEqual(told(await read(changes)), { web: 'x:1' });

    const specs = node().bucket('services', ServiceEntry);
    const spec = await specs.get(serviceKey(node().node, ServiceName.parse('web')));
    const next = ServiceEntry.parse({ ...spec?.value, hash: 'h2', spec: { ...spec?.value.spec, service: { name: 'web', image: 'x:2' } } });
    assert.ok(spec && (await specs.update(spec.key, next, spec.revision)));
    assert.deepEqual(told(await read(changes)), { web: 'x:2' });
  });

  it('is nothing where all that there is was rejected', async () => {
    await createApplyConfiguration({ bus: node(), clock }).apply(invalid('bad'));
    for (const manner of [afresh, changes]) assert.equal((await createReadDeclared(node())(manner)).has(node().node), false);
  });
});
