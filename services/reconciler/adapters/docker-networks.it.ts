import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { silentLog } from '@kedge/shared/testing';
import Docker from 'dockerode';
import { dynamicRangeOf, isWithin, parseSubnet } from '../core/subnets.ts';
import { createDockerEngine } from './docker-engine.ts';

describe('networks of a real engine', () => {
  const run = randomBytes(4).toString('hex');
  const docker = new Docker({ socketPath: '/var/run/docker.sock' });
  const engine = createDockerEngine({ log: silentLog() });
  const named = (name: string) => `kedge-test-${name}-${run}`;
  const inspect = async (name: string) => await docker.getNetwork(named(name)).inspect();
  /** None that engines give by themselves: others make networks at the same time. */
  const preferred = `10.${100 + randomInt(100)}.0.0/16`;

  after(async () => {
    const made = await docker.listNetworks({ filters: { name: [run] } });
    for (const { Id } of made) await docker.getNetwork(Id).remove();
  });

  it('makes the default network on the preferred subnet, once', async () => {
    const made = await engine.ensureDefaultNetwork(named('default'), preferred);
    const { first } = parseSubnet(preferred) ?? { first: 0 };
    const gateway = preferred.replace(/\.0\/\d+$/, '.1');
    const dynamicRange = dynamicRangeOf(preferred);
    assert.ok(dynamicRange);
    assert.deepEqual(made, { name: named('default'), subnet: preferred, gateway, dynamicRange, used: [] });
    assert.ok(first > 0);
    const network = await inspect('default');
    assert.deepEqual(network.Labels, { 'managed-by': 'kedge' });
    assert.equal(network.Driver, 'bridge');
    assert.equal(network.Attachable, true);
    assert.deepEqual(await engine.ensureDefaultNetwork(named('default'), '10.250.0.0/16'), made);
    assert.equal((await inspect('default')).Id, network.Id);
  });

  it('keeps addresses that it gives on purpose from whoever comes up first', async () => {
    const network = await engine.ensureDefaultNetwork(named('default'), preferred);
    const start = async (address?: string) => {
      const container = await docker.createContainer({
        Image: 'node:26-trixie-slim',
        Entrypoint: ['sleep', '60'],
        Labels: { 'kedge.test': run },
        HostConfig: { NetworkMode: network.name },
        ...(address ? { NetworkingConfig: { EndpointsConfig: { [network.name]: { IPAMConfig: { IPv4Address: address } } } } } : {}),
      });
      await container.start();
      const { NetworkSettings } = await container.inspect();
      await container.remove({ force: true });
      return NetworkSettings.Networks[network.name]?.IPAddress ?? '';
    };
    const lowest = preferred.replace(/\.0\/\d+$/, '.2');
    assert.equal(await start(lowest), lowest);
    assert.ok(isWithin(await start(), network.dynamicRange ?? ''));
  });

  it('takes another subnet when a network of the engine overlaps the preferred one', async () => {
    const inside = preferred.replace(/\.0\.0\/16$/, '.128.0/20');
    const made = await engine.ensureDefaultNetwork(named('second'), inside);
    assert.notEqual(made.subnet, inside);
    assert.match(made.subnet, /^(172|10)\.\d+\.0\.0\/16$/);
    assert.notEqual(made.subnet, preferred);
  });

  it('takes another subnet when an address of the machine lies in the preferred one', async () => {
    const made = await engine.ensureDefaultNetwork(named('loopback'), '127.0.0.0/16');
    assert.notEqual(made.subnet, '127.0.0.0/16');
  });

  it('agrees on one network and different subnets when several make theirs at once', async () => {
    const twice = [0, 1].map(() => engine.ensureDefaultNetwork(named('shared'), '10.247.0.0/16'));
    const [one, other] = await Promise.all(twice);
    assert.deepEqual(one, other);
    const [left, right] = await Promise.all(['left', 'right'].map((name) => engine.ensureDefaultNetwork(named(name), '10.249.0.0/16')));
    assert.notEqual(left?.subnet, right?.subnet);
  });

  it('uses an existing network as it is and tells who lives there', async () => {
    const foreign = await docker.createNetwork({
      Name: named('foreign'),
      IPAM: { Config: [{ Subnet: '10.251.7.0/24', Gateway: '10.251.7.254' }] },
    });
    const resident = await docker.createContainer({
      Image: 'node:26-trixie-slim',
      Entrypoint: ['sleep', '60'],
      Labels: { 'kedge.test': run },
      HostConfig: { NetworkMode: named('foreign') },
      NetworkingConfig: { EndpointsConfig: { [named('foreign')]: { IPAMConfig: { IPv4Address: '10.251.7.33' } } } },
    });
    await resident.start();
    const used = await engine.ensureDefaultNetwork(named('foreign'), preferred);
    assert.deepEqual(used, {
      name: named('foreign'),
      subnet: '10.251.7.0/24',
      gateway: '10.251.7.254',
      dynamicRange: null,
      used: ['10.251.7.33'],
    });
    assert.deepEqual((await foreign.inspect()).Labels, {});
    await resident.remove({ force: true });
  });

  it('does not take the beginning of a name or of an id for the network', async () => {
    const { Id } = await inspect('default');
    const made = await engine.ensureDefaultNetwork(Id.slice(0, 12), '10.252.0.0/16');
    assert.equal(made.name, Id.slice(0, 12));
    await docker.getNetwork((await docker.listNetworks({ filters: { name: [Id.slice(0, 12)] } }))[0]?.Id ?? '').remove();
  });
});
