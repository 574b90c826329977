import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { NodeName } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import type { ObservedContainer } from '../ports.ts';
import { type EngineWorkbench, openWorkbench, present, serviceOf } from './testing/engine-workbench.ts';
import { lookout } from './testing/workloads.ts';

describe('declared networks of a real engine', () => {
  let bench: EngineWorkbench;
  let service: string;
  before(async () => {
    bench = await openWorkbench();
    service = serviceOf(bench.run);
  });
  after(() => bench.close());
  afterEach(async () => {
    for (const { id, name, kedge } of await bench.engine.list(bench.node))
      if (kedge && !name.startsWith('lookout')) await bench.engine.remove(id, { node: bench.node, service: kedge.service });
  });

  const named = (name: string) => `${name}-${bench.run}`;
  const inspect = async (name: string) => await bench.docker.getNetwork(named(name)).inspect();
  const observed = async (name: string) => present((await bench.engine.networks()).find((each) => each.name === named(name)));
  const seen = async ({ id }: ObservedContainer) => present(await bench.engine.inspect(id));
  const belongsOn = (...networks: readonly string[]) => ({
    networks: networks.map(named),
    labels: { 'kedge.networks': JSON.stringify(networks.map(named)) },
  });
  const addressOn = async ({ id }: ObservedContainer, network: string) =>
    (await bench.docker.getContainer(id).inspect()).NetworkSettings.Networks[named(network)]?.IPAddress;
  const nameIt = (container: ObservedContainer, aliases: readonly string[]) =>
    bench.engine.setAliases(container.id, {
      name: bench.network.name,
      address: present(container.kedge?.address),
      aliases,
      others: present(container.kedge?.networks),
    });

  /** A window to look at one network from inside: it is on no other. */
  async function lookoutOn(network: string): Promise<(name: string) => Promise<readonly string[]>> {
    const made = await bench.docker.createContainer({
      name: `lookout-${network}-${bench.run}`,
      Image: 'node:26-trixie-slim',
      Entrypoint: ['node', '-e', lookout],
      Labels: { 'kedge.test': bench.run, 'kedge.node': bench.node, 'kedge.service': 'lookout' },
      HostConfig: { NetworkMode: named(network) },
    });
    await made.start();
    return async (name) => {
      const { NetworkSettings } = await made.inspect();
      const address = NetworkSettings.Networks[named(network)]?.IPAddress;
      return await waitUntil(async () => {
        const answer = await fetch(`http://${address}/resolve?name=${encodeURIComponent(name)}`).catch(() => null);
        return answer && ((await answer.json()) as string[]);
      });
    };
  }

  it('are made as declared, once, on a subnet that is theirs, and nothing else is left of it', async () => {
    const plan = bench.declared(named('made'), { internal: true, labels: { team: 'a' } });
    await bench.engine.ensureNetwork(plan);
    const { Id, Labels, Internal, Attachable } = await inspect('made');
    await bench.engine.ensureNetwork(plan);
    assert.equal((await inspect('made')).Id, Id);
    assert.deepEqual([Internal, Attachable, Labels], [true, true, plan.labels]);
    assert.deepEqual(await observed('made'), { ...plan, members: [] });
    assert.deepEqual(
      (await bench.engine.networks()).filter(({ name }) => name.startsWith(`${named('made')}.`)),
      [],
    );
  });

  it('repeat what the engine says about a driver that makes no networks', async () => {
    await assert.rejects(bench.engine.ensureNetwork(bench.declared(named('host'), { driver: 'host' })), {
      code: 'ENGINE_REFUSED',
      message: /only one instance/,
    });
  });

  it('repeat what an engine without a swarm says about a driver that needs one, and leave nothing behind', async () => {
    await assert.rejects(bench.engine.ensureNetwork(bench.declared(named('wide'), { driver: 'overlay' })), {
      code: 'ENGINE_REFUSED',
      message: /not a swarm manager/,
      details: { status: 403, sentence: noSwarm },
    });
    assert.deepEqual(
      (await bench.engine.networks()).filter(({ name }) => name.startsWith(named('wide'))),
      [],
    );
  });

  it('the name of a service goes over all of its containers and networks, and their addresses stay', async () => {
    await bench.engine.ensureNetwork(bench.declared(named('back')));
    const resolve = await lookoutOn('back');
    const old = await bench.start(bench.plan('old', 20, belongsOn('back')));
    const twin = await bench.start(bench.plan('twin', 21, belongsOn('back')));
    assert.deepEqual([old.hasAlias, old.namedOn, old.cutFrom], [false, [], []]);
    assert.deepEqual(await resolve(service), [], 'nobody finds it before it has the name');

    const addresses = [await addressOn(old, 'back'), await addressOn(twin, 'back')].map(present);
    await nameIt(old, [service]);
    await nameIt(twin, [service]);
    assert.deepEqual((await resolve(service)).toSorted(), addresses.toSorted());
    assert.deepEqual((await bench.resolve(service)).toSorted(), [old.address, twin.address].toSorted());
    assert.deepEqual([(await seen(old)).hasAlias, (await seen(old)).namedOn], [true, [bench.network.name, named('back')]]);

    await nameIt(old, []);
    assert.deepEqual(await resolve(service), [addresses[1]]);
    assert.deepEqual([(await seen(old)).hasAlias, (await seen(old)).namedOn], [false, []]);
    assert.equal(await addressOn(old, 'back'), addresses[0]);
  });

  it('a name that is given on one network only is not given yet, and is taken away all the same', async () => {
    await bench.engine.ensureNetwork(bench.declared(named('half')));
    const container = await bench.start(bench.plan('half', 20, belongsOn('half')));
    await bench.engine.setAliases(container.id, { name: bench.network.name, address: present(container.address), aliases: [service] });
    assert.deepEqual([(await seen(container)).hasAlias, (await seen(container)).namedOn], [false, [bench.network.name]]);
    await nameIt(container, []);
    assert.deepEqual((await seen(container)).namedOn, []);
  });

  it('a network that somebody made without a subnet takes the name as well', async () => {
    await bench.docker.createNetwork({ Name: named('plain') });
    const container = await bench.start(bench.plan('plain', 20, belongsOn('plain')));
    await nameIt(container, [service]);
    const { hasAlias, cutFrom, state } = await seen(container);
    assert.deepEqual([hasAlias, cutFrom, state], [true, [], 'running']);
  });

  it('the bridge of the engine itself, which knows no names, is joined without one', async () => {
    const container = await bench.start(bench.plan('bridged', 20, { networks: ['bridge'] }));
    await nameIt(container, [service]);
    const { networks, hasAlias, namedOn } = await seen(container);
    assert.deepEqual([networks, hasAlias, namedOn], [['bridge', bench.network.name], true, [bench.network.name]]);
  });

  it('a container that was cut from a network is seen, and put back', async () => {
    await bench.engine.ensureNetwork(bench.declared(named('cut')));
    const container = await bench.start(bench.plan('cut', 20, belongsOn('cut')));
    await bench.docker.getNetwork(named('cut')).disconnect({ Container: container.id });
    assert.deepEqual((await seen(container)).cutFrom, [named('cut')]);
    await nameIt(container, [service]);
    assert.deepEqual([(await seen(container)).cutFrom, (await seen(container)).hasAlias], [[], true]);
  });

  it('are made anew below their containers, which keep names and addresses and do not end', async () => {
    await bench.engine.ensureNetwork(bench.declared(named('anew')));
    const resolve = await lookoutOn('anew');
    const running = await bench.start(bench.plan('running', 20, belongsOn('anew')));
    await nameIt(running, [service]);
    const made = await bench.engine.create(bench.plan('made', 21, belongsOn('anew')));
    const [before, address] = [await inspect('anew'), await addressOn(running, 'anew')];
    assert.deepEqual((await observed('anew')).members.map(({ name }) => name).toSorted(), ['lookout-anew', 'made', 'running'].map(named));

    const plan = bench.declared(named('anew'), { internal: true, labels: { tier: '1' } });
    await bench.engine.remakeNetwork(plan, bench.node);
    const after = await inspect('anew');
    assert.notEqual(after.Id, before.Id);
    assert.deepEqual(
      [after.Internal, after.Labels, after.IPAM?.Config?.[0]?.Subnet],
      [true, plan.labels, before.IPAM?.Config?.[0]?.Subnet],
    );
    assert.deepEqual(await resolve(service), [address]);
    const { state, restartCount, startedAt, hasAlias } = await seen(running);
    assert.deepEqual([state, restartCount, startedAt, hasAlias], ['running', 0, running.startedAt, true]);
    await bench.engine.start(made.id);
    assert.deepEqual((await seen(made)).cutFrom, []);
  });

  it('an open connection over a network lives while that is made anew', async () => {
    await bench.engine.ensureNetwork(bench.declared(named('talk')));
    const callee = await bench.start(bench.plan('callee', 22, belongsOn('talk')));
    const caller = await bench.start(
      bench.plan('caller', 20, {
        ...belongsOn('talk'),
        entrypoint: ['node', '-e', talker],
        env: { CALLEE: present(await addressOn(callee, 'talk')) },
      }),
    );
    for (const label of ['one', 'two']) {
      await bench.engine.remakeNetwork(bench.declared(named('talk'), { labels: { label } }), bench.node);
    }
    await bench.engine.stop(caller.id, 5_000);
    const lines = await bench.engine.logs(caller.id, { lines: 1_000 });
    assert.ok(lines.filter((line) => line === 'well').length > 3, lines.join());
    assert.deepEqual(
      lines.filter((line) => line !== 'well'),
      [],
    );
  });

  it('are not made anew below somebody else, nor when the engine cannot make them so', async () => {
    await bench.engine.ensureNetwork(bench.declared(named('shared')));
    const ours = await bench.start(bench.plan('ours', 20, belongsOn('shared')));
    const { Id } = await inspect('shared');
    await assert.rejects(bench.engine.remakeNetwork(bench.declared(named('shared'), { driver: 'overlay' }), bench.node), /swarm/i);
    const stranger = await bench.docker.createContainer({
      name: named('stranger'),
      Image: 'node:26-trixie-slim',
      Labels: { 'kedge.test': bench.run },
      HostConfig: { NetworkMode: named('shared') },
    });
    const plan = bench.declared(named('shared'), { internal: true });
    await assert.rejects(bench.engine.remakeNetwork(plan, bench.node), { code: 'NETWORK_IN_USE', message: new RegExp(named('stranger')) });
    await assert.rejects(bench.engine.remakeNetwork(plan, NodeName.parse('other')), { code: 'NOT_OURS' });
    assert.equal((await inspect('shared')).Id, Id);
    assert.deepEqual([(await seen(ours)).cutFrom, (await seen(ours)).state], [[], 'running']);
    await stranger.remove();
  });

  it('are removed when nobody is on them, and only those of the node', async () => {
    await bench.engine.ensureNetwork(bench.declared(named('gone')));
    const { id } = await bench.engine.create(bench.plan('user', 20, belongsOn('gone')));
    await assert.rejects(bench.engine.removeNetwork(named('gone'), bench.node), { code: 'NETWORK_IN_USE' });
    await bench.docker.getContainer(id).remove();
    await assert.rejects(bench.engine.removeNetwork(named('gone'), NodeName.parse('other')), { code: 'NOT_OURS' });
    await bench.engine.removeNetwork(named('gone'), bench.node);
    await bench.engine.removeNetwork(named('gone'), bench.node);
    assert.deepEqual(
      (await bench.engine.networks()).filter(({ name }) => name === named('gone')),
      [],
    );
  });
});

const noSwarm =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

/** Speaks over one connection and says `well` for each answer. */
const talker = `
  require('node:net').createServer(() => {}).listen(80);
  const socket = require('node:net').connect(80, process.env.CALLEE);
  socket.on('data', () => { console.log('well'); setTimeout(() => socket.write('x'), 50); });
  socket.on('error', (error) => console.log(error.message));
  socket.on('close', () => console.log('closed'));
  socket.write('x');
  process.on('SIGTERM', () => process.exit(0));
`;
