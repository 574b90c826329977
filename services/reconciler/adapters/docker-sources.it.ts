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

  it('volumes with a name stay when their container goes, and those without go with it', async () => {
    const volume = `kept-${bench.run}`;
    const service = ServiceName.parse(serviceOf(bench.run));
    const made = await bench.start(bench.plan('volumes', 20, { volumes: [{ source: volume, target: '/kept', readonly: false }] }));
    await bench.engine.remove(made.id, { node: bench.node, service });
    assert.equal((await bench.docker.getVolume(volume).inspect()).Name, volume);
    await bench.docker.getVolume(volume).remove();
  });
});
