import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { silentLog } from '@kedge/shared/testing';
import { createDockerEngine } from './docker-engine.ts';
import { type EngineWorkbench, openWorkbench } from './testing/engine-workbench.ts';

const root = resolve(import.meta.dirname, '../../..');

describe('the container that a process runs in', () => {
  let bench: EngineWorkbench;
  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  it('knows the host folder behind its own mount and that its network is its own, whatever its host name', async () => {
    const program = `
      import { createDockerEngine } from '${import.meta.dirname}/docker-engine.ts';
      const engine = createDockerEngine({ log: console });
      const paths = [await engine.hostPathOfOwnMount('/config'), await engine.hostPathOfOwnMount('/nothing')];
      console.log(JSON.stringify([...paths, await engine.sharesHostNetwork()]));`;
    const { id } = await bench.engine.create(
      bench.plan('inside', 20, {
        entrypoint: ['node', '--input-type=module', '-e', program],
        hostname: 'somebody-else',
        volumes: [
          { source: root, target: root, readonly: true },
          { source: '/var/run/docker.sock', target: '/var/run/docker.sock', readonly: false },
          { source: `${root}/services`, target: '/config', readonly: true },
        ],
      }),
    );
    await bench.engine.start(id);
    await bench.engine.waitForExit(id, AbortSignal.timeout(20_000));
    const lines = await bench.engine.logs(id, { lines: 20 });
    assert.deepEqual(JSON.parse(lines.at(-1) ?? ''), [`${root}/services`, null, false], lines.join('\n'));
  });

  it('the engine tells its id, version and platform', async () => {
    const info = await bench.engine.info();
    const again = await createDockerEngine({ log: silentLog() }).info();
    assert.deepEqual(again, info);
    const said = await bench.docker.version();
    assert.equal(info.version, said.Version);
    assert.equal(info.platform, `${said.Os}/${said.Arch}`);
    assert.match(info.id, /\S+/);
  });
});
