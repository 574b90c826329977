import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NodeName } from '@kedge/shared/contracts';
import { Sealed } from '@kedge/shared/kernel';
import { labels } from '../ports.ts';
import { type EngineWorkbench, openWorkbench } from './testing/engine-workbench.ts';

describe('making containers on a real engine', () => {
  let bench: EngineWorkbench;
  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  it('does not take over a container of another rollout or shape under the same name', async () => {
    const { engine, plan, ours } = bench;
    const { id } = await engine.create(plan('taken', 23));
    for (const label of [labels.rollout, labels.shape]) {
      await assert.rejects(engine.create(plan('taken', 23, { labels: { [label]: 'another' } })), {
        name: 'TerminalError',
        code: 'NAME_TAKEN',
      });
    }
    await engine.remove(id, ours);
  });

  it('gives the container its environment, limits, mounts, ports, hosts and other networks, secrets in clear only there', async () => {
    const { engine, docker, plan, run, ours } = bench;
    await engine.ensureNetwork(bench.declared(`extra-${run}`));
    const made = await engine.create(
      plan('full', 25, {
        env: { PLAIN: 'a=b', TOKEN: new Sealed('hunter2') },
        memoryBytes: 64 * 1024 * 1024,
        nanoCpus: 500_000_000,
        restart: 'unless-stopped',
        volumes: [{ source: `data-${run}`, target: '/data', readonly: true }],
        ports: [{ host: 0, container: 80, protocol: 'tcp', hostIp: '127.0.0.1' }],
        extraHosts: [{ hostname: 'db', address: '10.1.2.3' }],
        networks: [`extra-${run}`],
        workingDir: '/tmp',
        user: '1000',
        hostname: 'somebody',
        command: ['argument'],
      }),
    );
    const { Config, HostConfig, NetworkSettings } = await docker.getContainer(made.id).inspect();
    assert.ok(Config.Env.includes('PLAIN=a=b'));
    assert.ok(Config.Env.includes('TOKEN=hunter2'));
    assert.equal(Config.WorkingDir, '/tmp');
    assert.equal(Config.User, '1000');
    assert.equal(Config.Hostname, 'somebody');
    assert.deepEqual(Config.Cmd, ['argument']);
    assert.equal(HostConfig.Memory, 64 * 1024 * 1024);
    assert.equal(HostConfig.NanoCpus, 500_000_000);
    assert.equal(HostConfig.RestartPolicy?.Name, 'unless-stopped');
    assert.deepEqual(HostConfig.Binds, [`data-${run}:/data:ro`]);
    assert.deepEqual(HostConfig.ExtraHosts, ['host.docker.internal:host-gateway', 'db:10.1.2.3']);
    assert.deepEqual(HostConfig.PortBindings, { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] });
    assert.deepEqual(Object.keys(NetworkSettings.Networks).toSorted(), [`extra-${run}`, bench.network.name].toSorted());
    await engine.remove(made.id, ours);
    await docker.getVolume(`data-${run}`).remove();
  });

  it('leaves nothing half made, and completes what a killed predecessor left', async () => {
    const { engine, docker, plan, run, ours } = bench;
    const planned = plan('half', 26, { networks: [`late-${run}`] });
    await assert.rejects(engine.create(planned), { name: 'RetryableError', code: 'NETWORK_MISSING' });
    await assert.rejects(engine.create({ ...planned, network: `late-${run}` }), { name: 'RetryableError', code: 'NETWORK_MISSING' });
    await assert.rejects(engine.create({ ...planned, networks: ['host'] }), { name: 'TerminalError', code: 'ENGINE_REFUSED' });
    assert.deepEqual(await engine.list(NodeName.parse('nobody'), { names: [planned.name] }), []);

    // As if the process had been killed after the creation and before the attachment.
    const left = await engine.create({ ...planned, networks: [] });
    await engine.ensureNetwork(bench.declared(`late-${run}`));
    const completed = await engine.create(planned);
    assert.equal(completed.id, left.id);
    const { NetworkSettings } = await docker.getContainer(left.id).inspect();
    assert.ok(NetworkSettings.Networks[`late-${run}`]);
    await engine.remove(left.id, ours);
  });

  it('keeps secrets out of an error that repeats them', async () => {
    const { engine, plan } = bench;
    const secret = new Sealed('/hunter2');
    const refused = engine.create(plan('leak', 29, { workingDir: 'relative/hunter2', env: { WHERE: secret } }));
    await assert.rejects(refused, (thrown: Error) => {
      assert.match(thrown.message, /relative\[sealed\]/, 'the engine repeated the folder, so there was something to hide');
      assert.doesNotMatch(JSON.stringify(thrown) + String(thrown.stack) + String(thrown.cause), /hunter2/);
      return true;
    });
  });
});
