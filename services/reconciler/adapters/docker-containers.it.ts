import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NodeName, ServiceName } from '@kedge/shared/contracts';
import { Sealed } from '@kedge/shared/kernel';
import { waitUntil } from '@kedge/shared/testing';
import { labels } from '../ports.ts';
import { type EngineWorkbench, openWorkbench, present, serviceOf } from './testing/engine-workbench.ts';

describe('containers of a real engine', () => {
  let bench: EngineWorkbench;
  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  const ours = () => ({ node: bench.node, service: ServiceName.parse(serviceOf(bench.run)) });

  it('lives from creation to removal, and every step may be repeated', async () => {
    const { engine, plan, node } = bench;
    const planned = plan('life', 20);
    const made = await engine.create(planned);
    assert.equal(made.state, 'created');
    assert.equal(made.name, planned.name);
    assert.equal(made.address, planned.address);
    assert.equal(made.hasAlias, false);
    assert.equal(made.exitCode, null);
    assert.equal(made.startedAt, null);
    assert.equal(made.kedge?.service, serviceOf(bench.run));
    assert.equal((await engine.create(planned)).id, made.id, 'the same rollout finds its own container');

    await engine.start(made.id);
    await engine.start(made.id);
    const running = await bench.start(planned);
    assert.equal(running.id, made.id);
    assert.equal(running.state, 'running');
    assert.ok(running.startedAt);
    assert.deepEqual((await engine.list(node)).map(({ name }) => name).toSorted(), [planned.name, `lookout-${bench.run}`].toSorted());

    await engine.stop(made.id, 5_000);
    await engine.stop(made.id, 5_000);
    const stopped = present(await engine.inspect(made.id));
    assert.equal(stopped.state, 'exited');
    assert.equal(stopped.exitCode, 0);
    assert.equal(stopped.address, planned.address, 'the address stays given while the container is stopped');

    await engine.remove(made.id, ours());
    await engine.remove(made.id, ours());
    assert.equal(await engine.inspect(made.id), null);
    await engine.stop(made.id, 1_000);
  });

  it('kills after the grace what does not listen to SIGTERM', async () => {
    const { engine, plan } = bench;
    const deaf = await bench.start(
      plan('deaf', 21, { entrypoint: ['node', '-e', `process.on('SIGTERM', () => {}); require('node:net').createServer().listen(80)`] }),
    );
    await engine.stop(deaf.id, 300);
    assert.equal((await engine.inspect(deaf.id))?.exitCode, 137);
    await engine.remove(deaf.id, ours());
  });

  it('removes nothing that belongs to another service or node', async () => {
    const { engine, plan } = bench;
    const { id } = await engine.create(plan('kept', 22));
    await assert.rejects(engine.remove(id, { ...ours(), service: ServiceName.parse('other') }), {
      name: 'TerminalError',
      code: 'NOT_OURS',
    });
    await assert.rejects(engine.remove(id, { ...ours(), node: NodeName.parse('other') }), { name: 'TerminalError', code: 'NOT_OURS' });
    assert.ok(await engine.inspect(id));
    await engine.remove(id, ours());
  });

  it('does not take over a container of another rollout or shape under the same name', async () => {
    const { engine, plan } = bench;
    const { id } = await engine.create(plan('taken', 23));
    for (const label of [labels.rollout, labels.shape]) {
      await assert.rejects(engine.create(plan('taken', 23, { labels: { [label]: 'another' } })), {
        name: 'TerminalError',
        code: 'NAME_TAKEN',
      });
    }
    await engine.remove(id, ours());
  });

  it('lists a foreign container by its exact name and of the others only those of the service asked for', async () => {
    const { engine, docker, plan, node, run } = bench;
    const foreign = await docker.createContainer({ name: `foreign-${run}`, Image: 'node:26-trixie-slim', Labels: { 'kedge.test': run } });
    const other = await engine.create(plan('other', 24, { labels: { [labels.service]: 'other-service' } }));

    const byName = await engine.list(NodeName.parse('nobody'), { names: [`foreign-${run}`, 'foreign'] });
    assert.deepEqual(
      byName.map(({ id, kedge, address }) => ({ id, kedge, address })),
      [{ id: foreign.id, kedge: null, address: null }],
    );
    const narrowed = await engine.list(node, { service: ServiceName.parse('other-service') });
    assert.deepEqual(
      narrowed.map(({ id }) => id),
      [other.id],
    );
    await engine.remove(other.id, { node, service: ServiceName.parse('other-service') });
  });

  it('gives the container its environment, limits, mounts, ports, hosts and other networks, secrets in clear only there', async () => {
    const { engine, docker, plan, run } = bench;
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
    await engine.remove(made.id, ours());
    await docker.getVolume(`data-${run}`).remove();
  });

  it('leaves nothing half made, and completes what a killed predecessor left', async () => {
    const { engine, docker, plan, run } = bench;
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
    await engine.remove(left.id, ours());
  });

  it('starts a container by its name, and nothing by a name that it has no more', async () => {
    const { engine, docker, plan } = bench;
    const job = await engine.create(plan('once', 32, { entrypoint: ['node', '-e', ''] }));
    const [taken, later] = [`${job.name}.20260101T030000000Z.one`, `${job.name}.20260101T030000000Z.other`];
    await engine.rename(job.id, taken);
    const network = { name: bench.network.name, address: job.address ?? '', aliases: [serviceOf(bench.run)] };
    await engine.setAliases(job.id, network);
    await engine.start(taken);
    await engine.waitForExit(job.id, AbortSignal.timeout(10_000));
    const ended = present(await engine.inspect(job.id));
    assert.deepEqual([ended.state, ended.exitCode, ended.hasAlias], ['exited', 0, true]);

    await engine.rename(job.id, later);
    await assert.rejects(engine.start(taken), { name: 'RetryableError', code: 'CONTAINER_GONE' });
    const { State } = await docker.getContainer(job.id).inspect();
    assert.equal(new Date(State.StartedAt).toISOString(), ended.startedAt?.toISOString(), 'nothing was started');
    await engine.remove(job.id, ours());
  });

  it('tells the refusals that another pass mends from those that it cannot', async () => {
    const { engine, plan } = bench;
    const gone = 'f'.repeat(64);
    await assert.rejects(engine.create(plan('none', 27, { image: 'kedge-no-such-image:1' })), {
      name: 'RetryableError',
      code: 'IMAGE_MISSING',
    });
    await assert.rejects(engine.start(gone), { name: 'RetryableError', code: 'CONTAINER_GONE' });
    await assert.rejects(engine.rename(gone, 'x'), { name: 'RetryableError', code: 'CONTAINER_GONE' });
    await assert.rejects(engine.logs(gone, { lines: 1 }), { name: 'RetryableError', code: 'CONTAINER_GONE' });

    const twin = await engine.create(plan('twin', 9));
    await assert.rejects(engine.start(twin.id), { name: 'RetryableError', code: 'ADDRESS_TAKEN' });
    await engine.remove(twin.id, ours());
  });

  const unstartable = [
    ['there is no such program', { entrypoint: ['/no/such/program'] }, 127, /no such file/],
    ['there is no such program on the path', { entrypoint: ['nosuchprogram'] }, 127, /executable file not found/],
    ['the program may not be run', { entrypoint: ['/etc/passwd'] }, 126, /permission denied/],
    ['there is no such user', { user: 'nosuchuser' }, 128, /unable to find user nosuchuser/],
  ] as const;
  for (const [why, changes, exitCode, message] of unstartable) {
    it(`says that a container can never start when ${why}, as often as it is asked`, async () => {
      const { engine, plan } = bench;
      const wrong = await engine.create(plan('wrong', 28, changes));
      for (let time = 0; time < 2; time += 1) {
        const refused = { name: 'TerminalError', code: 'START_REFUSED', message };
        await assert.rejects(engine.start(wrong.id), refused);
      }
      const { state, exitCode: left } = present(await engine.inspect(wrong.id));
      assert.deepEqual([state, left], ['created', exitCode]);
      await engine.remove(wrong.id, ours());
    });
  }

  it('does not blame a container for a port that another one holds', async () => {
    const { engine, docker, plan } = bench;
    const port = { host: 0, container: 80, protocol: 'tcp', hostIp: '127.0.0.1' } as const;
    const holder = await bench.start(plan('holder', 32, { ports: [port] }));
    const { NetworkSettings } = await docker.getContainer(holder.id).inspect();
    const host = Number(NetworkSettings.Ports['80/tcp']?.[0]?.HostPort);
    const late = await engine.create(plan('late', 33, { ports: [{ ...port, host }] }));
    const short = `port ${host} of the host is taken by another program; free it or change [[port]] host in service.toml`;
    await assert.rejects(engine.start(late.id), { code: 'PORT_TAKEN', message: short });
    const held = (await engine.published()).filter(({ host: each }) => each === host);
    const { node, service } = ours();
    const owner = { node, service };
    assert.deepEqual(held, [{ container: holder.id, name: holder.name, owner, host, protocol: 'tcp', hostIp: '127.0.0.1' }]);
    for (const { id } of [holder, late]) await engine.remove(id, ours());
  });

  it('tells what running containers may write to, and whose they are', async () => {
    const { engine, plan, run } = bench;
    const volumes = [
      { source: `data-${run}`, target: '/data', readonly: false },
      { source: '/tmp', target: '/host', readonly: false },
      { source: '/usr', target: '/look', readonly: true },
    ];
    const writer = await bench.start(plan('writer', 34, { volumes }));
    const held = (await engine.writable()).filter(({ container }) => container === writer.id);
    const { node, service } = ours();
    assert.deepEqual(
      held.toSorted((one, other) => (one.source < other.source ? -1 : 1)),
      ['/tmp', `data-${run}`].map((source) => ({ container: writer.id, name: writer.name, owner: { node, service }, source })),
    );
    await engine.remove(writer.id, ours());
    await bench.docker.getVolume(`data-${run}`).remove();
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

  it('waits for the end of a job and tells its code, also when it ended before', async () => {
    const { engine, plan } = bench;
    const job = await engine.create(plan('job', 30, { entrypoint: ['node', '-e', 'setTimeout(() => process.exit(7), 300)'] }));
    await engine.start(job.id);
    assert.deepEqual(await engine.waitForExit(job.id, AbortSignal.timeout(10_000)), { exitCode: 7 });
    assert.deepEqual(await engine.waitForExit(job.id, AbortSignal.timeout(10_000)), { exitCode: 7 });
    await engine.remove(job.id, ours());
  });

  it('stops waiting when it is told to', async () => {
    const { engine } = bench;
    const endless = present(await engine.inspect(`lookout-${bench.run}`));
    const stop = new AbortController();
    const waiting = engine.waitForExit(endless.id, stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    assert.equal((await engine.inspect(endless.id))?.state, 'running');
  });

  it('has nothing to wait for where there is no container', async () => {
    await assert.rejects(bench.engine.waitForExit('f'.repeat(64), AbortSignal.timeout(5_000)), {
      name: 'RetryableError',
      code: 'CONTAINER_GONE',
    });
  });

  it('sees health, restarts and death as the engine does', async () => {
    const { engine, docker, plan, run } = bench;
    const crashing = await engine.create(plan('crash', 31, { restart: 'on-failure', entrypoint: ['node', '-e', 'process.exit(3)'] }));
    await engine.start(crashing.id);
    const restarted = await waitUntil(async () => {
      const seen = await engine.inspect(crashing.id);
      return seen && seen.restartCount > 0 ? seen : null;
    });
    assert.equal(restarted.health, 'none');
    await engine.stop(crashing.id, 0);
    await engine.remove(crashing.id, ours());

    const check = { Test: ['CMD', 'node', '-e', ''], Interval: 100_000_000, Timeout: 5_000_000_000, Retries: 3 };
    const checked = await docker.createContainer({
      Image: 'node:26-trixie-slim',
      Entrypoint: ['sleep', '60'],
      Labels: { 'kedge.test': run },
      Healthcheck: check,
    });
    await checked.start();
    await waitUntil(async () => (await engine.inspect(checked.id))?.health === 'healthy', { timeoutMs: 20_000 });
    await checked.remove({ force: true });
  });
});
