import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { type EngineWorkbench, openWorkbench, serviceOf } from './testing/engine-workbench.ts';

const image = 'node:26-trixie-slim';

describe('the sources of volumes on the host of a real engine', () => {
  let bench: EngineWorkbench;
  let folder: string;
  before(async () => {
    bench = await openWorkbench();
    folder = await mkdtemp(join(tmpdir(), 'kedge-sources-'));
  });
  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true });
  });

  const probes = async () =>
    (await bench.docker.listContainers({ all: true, filters: { label: ['kedge.probe=sources'] } })).map(({ Names }) => Names[0]);

  it('are seen or not, whatever they are, and nothing is left of the question', async () => {
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'app.conf'), '');
    const socket = createServer().listen(join(folder, 'app.sock'));
    const there = ['data', 'app.conf', 'app.sock'].map((name) => join(folder, name));
    const missing = ['none', 'none/deeper', 'none.conf'].map((name) => join(folder, name));
    assert.deepEqual(await bench.engine.unseen(there, image), []);
    assert.deepEqual((await bench.engine.unseen([...missing, ...there, ...missing], image)).toSorted(), missing.toSorted());
    socket.close();
    assert.deepEqual(await probes(), []);
  });

  it('are asked for again where somebody was killed over the question', async () => {
    const paths = [folder];
    const first = bench.engine.unseen(paths, image);
    assert.deepEqual(await Promise.all([first, bench.engine.unseen(paths, image)]), [[], []]);
    assert.deepEqual(await probes(), []);
  });

  it('need no image that is there: the engine looks at mounts first', async () => {
    assert.deepEqual(await bench.engine.unseen([folder, join(folder, 'none')], 'kedge-no-such-image:1'), [join(folder, 'none')]);
  });

  it('volumes with a name stay when their container goes, and of ours those without go with it', async () => {
    const service = ServiceName.parse(serviceOf(bench.run));
    const made = async (owner: string) => {
      const volume = `kept-${owner}-${bench.run}`;
      const labels = owner === 'ours' ? { 'kedge.node': bench.node, 'kedge.service': service } : {};
      const { id } = await bench.docker.createContainer({
        Image: image,
        Labels: { 'kedge.test': bench.run, ...labels },
        Volumes: { '/nameless': {} },
        HostConfig: { NetworkMode: 'none', Binds: [`${volume}:/kept`] },
      });
      const { Mounts } = await bench.docker.getContainer(id).inspect();
      const nameless = Mounts.find(({ Destination }) => Destination === '/nameless')?.Name ?? '';
      assert.notEqual(nameless, '');
      return { id, volume, nameless };
    };
    const isThere = async (name: string) => (await bench.docker.listVolumes()).Volumes.some(({ Name }) => Name === name);

    const ours = await made('ours');
    await bench.engine.remove(ours.id, { node: bench.node, service });
    assert.deepEqual([await isThere(ours.volume), await isThere(ours.nameless)], [true, false]);

    const others = await made('others');
    await bench.engine.removeForeign(others.id);
    assert.deepEqual([await isThere(others.volume), await isThere(others.nameless)], [true, true]);

    for (const name of [ours.volume, others.volume, others.nameless]) await bench.docker.getVolume(name).remove();
  });
});
