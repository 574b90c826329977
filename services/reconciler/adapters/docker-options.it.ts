import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Sealed } from '@kedge/shared/kernel';
import { waitUntil } from '@kedge/shared/testing';
import { z } from 'zod';
import type { ContainerOptions } from '../ports.ts';
import { type EngineWorkbench, openWorkbench, present } from './testing/engine-workbench.ts';

const Stopping = z.object({ StopTimeout: z.int(), StopSignal: z.string() });
/** Some engines write them with `CAP_`. */
const withoutPrefix = (names: readonly string[] | undefined) => names?.join().replace('CAP_', '');

describe('the options of a container on a real engine', () => {
  let bench: EngineWorkbench;
  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  const inspect = async (id: string) => await bench.docker.getContainer(id).inspect();

  const options: ContainerOptions = {
    healthcheck: { test: ['CMD', 'true'], intervalMs: 60_000, timeoutMs: 5_000, retries: 2, startPeriodMs: 30_000, startIntervalMs: 100 },
    stopGraceMs: 7_000,
    stopSignal: 'SIGINT',
    init: true,
    readOnly: true,
    tmpfs: { '/run': 'size=1m,mode=1777' },
    capAdd: ['NET_ADMIN'],
    capDrop: ['MKNOD'],
    securityOpt: ['no-new-privileges'],
    ulimits: { nofile: { soft: 1024, hard: 2048 } },
    shmBytes: 8 * 1024 ** 2,
    dns: ['10.9.9.9'],
    sysctls: { 'net.core.somaxconn': '512' },
    devices: [{ onHost: '/dev/null', inContainer: '/dev/nothing', may: 'rw' }],
    logging: { driver: 'json-file', options: { 'max-size': '1m' } },
  };

  it('are all there in a container that runs', async () => {
    const made = await bench.start(
      bench.plan('optioned', 30, {
        options,
        userLabels: { team: 'a', token: new Sealed('hunter2'), 'kedge.node': 'elsewhere' },
        extraHosts: [{ hostname: 'gateway', address: 'host-gateway' }],
      }),
    );
    assert.equal(made.kedge?.node, bench.node, 'no label of the user stands for one of ours');
    const { Config, HostConfig } = await inspect(made.id);
    assert.equal(Config.Labels.team, 'a');
    assert.equal(Config.Labels.token, 'hunter2');
    assert.deepEqual(Config.Healthcheck, {
      Test: ['CMD', 'true'],
      Interval: 60e9,
      Timeout: 5e9,
      Retries: 2,
      StartPeriod: 30e9,
      StartInterval: 1e8,
    });
    assert.deepEqual(Stopping.parse(Config), { StopTimeout: 7, StopSignal: 'SIGINT' });
    assert.deepEqual([HostConfig.Init, HostConfig.ReadonlyRootfs, HostConfig.Privileged], [true, true, false]);
    assert.deepEqual(HostConfig.Tmpfs, { '/run': 'size=1m,mode=1777' });
    assert.deepEqual([HostConfig.CapAdd, HostConfig.CapDrop].map(withoutPrefix), ['NET_ADMIN', 'MKNOD']);
    assert.deepEqual(HostConfig.SecurityOpt, ['no-new-privileges']);
    assert.deepEqual(HostConfig.Ulimits, [{ Name: 'nofile', Soft: 1024, Hard: 2048 }]);
    assert.equal(HostConfig.ShmSize, 8 * 1024 ** 2);
    assert.deepEqual(HostConfig.Dns, ['10.9.9.9']);
    assert.deepEqual(HostConfig.Sysctls, { 'net.core.somaxconn': '512' });
    assert.deepEqual(HostConfig.Devices, [{ PathOnHost: '/dev/null', PathInContainer: '/dev/nothing', CgroupPermissions: 'rw' }]);
    assert.equal(HostConfig.LogConfig?.Type, 'json-file');
    assert.equal(HostConfig.LogConfig?.Config['max-size'], '1m');
    assert.deepEqual(HostConfig.ExtraHosts, ['host.docker.internal:host-gateway', 'gateway:host-gateway']);
    await bench.engine.remove(made.id, bench.ours);
  });

  it('hand over what a driver has to choose', async () => {
    const deviceRequests = [{ driver: '', count: -1, ids: [], capabilities: ['gpu'], options: {} }];
    const made = await bench.engine.create(bench.plan('gpu', 31, { options: { deviceRequests, privileged: true } }));
    const { HostConfig } = await inspect(made.id);
    assert.deepEqual(
      HostConfig.DeviceRequests?.map(({ Count, Capabilities }) => [Count, Capabilities]),
      [[-1, [['gpu']]]],
    );
    assert.equal(HostConfig.Privileged, true);
    await bench.engine.remove(made.id, bench.ours);
  });

  it('a declared check is seen as health, and NONE takes the one of the image away', async () => {
    const image = await bench.imageWithHealthcheck();
    const healthcheck = { test: ['CMD', 'true'], intervalMs: 200 };
    const checked = await bench.start(bench.plan('checked', 32, { options: { healthcheck } }));
    assert.notEqual(checked.health, 'none');
    await waitUntil(async () => present(await bench.engine.inspect(checked.id)).health === 'healthy');
    const unchecked = await bench.start(bench.plan('unchecked', 33, { image, options: { healthcheck: { test: ['NONE'] } } }));
    assert.equal(unchecked.health, 'none');
    for (const { id } of [checked, unchecked]) await bench.engine.remove(id, bench.ours);
  });

  it('shares the network of the host where that is declared, and is named and thawed without harm', async () => {
    const made = await bench.engine.create(
      bench.plan('hosted', 34, {
        network: 'host',
        address: null,
        entrypoint: ['node', '-e', 'setInterval(() => {}, 1_000)'],
      }),
    );
    await bench.engine.start(made.id);
    const { HostConfig, NetworkSettings } = await inspect(made.id);
    assert.deepEqual([HostConfig.NetworkMode, Object.keys(NetworkSettings.Networks)], ['host', ['host']]);
    const seen = present(await bench.engine.inspect(made.id));
    assert.deepEqual([seen.address, seen.hasAlias, seen.namedOn], ['127.0.0.1', true, []]);
    await bench.engine.setAliases(made.id, { name: bench.network.name, address: '127.0.0.1', aliases: ['x'] });
    assert.deepEqual(Object.keys((await inspect(made.id)).NetworkSettings.Networks), ['host']);
    await bench.engine.remove(made.id, bench.ours);
  });
});
