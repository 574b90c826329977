import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { serviceKey } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { helloServer, type LiveStage, openLiveStage, specOf } from './testing/live-stage.ts';

/** Container names belong to the whole engine, so these differ from run to run. */
const suffix = randomBytes(3).toString('hex');
const names = { web: `web-${suffix}`, shop: `shop-${suffix}`, ported: `ported-${suffix}`, nightly: `nightly-${suffix}` };

describe('a reconciler on a real engine and a real bus', () => {
  let stage: LiveStage;
  let image: string;
  const proxied = { proxy: { host: 'Web.Example.com', service_port: 8080 } };

  before(async () => {
    stage = await openLiveStage();
    image = `${stage.node}-app:current`;
  });
  after(async () => await stage.close());

  it('runs what is declared, gives it its name and routes requests to it', async () => {
    await stage.build(image, helloServer('v1'));
    await stage.declare(specOf({ name: names.web, image, restart: 'always' }, proxied));
    const succeeded = await stage.event('deploy.succeeded', names.web);
    const [container, ...others] = await stage.containers(names.web);
    assert.equal(others.length, 0);
    assert.equal(container?.name, names.web);
    assert.equal(container?.hasAlias, true);
    const endpoints = await stage.endpoints(names.web);
    assert.deepEqual(endpoints?.routes, [{ host: 'web.example.com', path: '/' }]);
    assert.deepEqual(
      endpoints?.targets.map(({ id, port, state }) => ({ id, port, state })),
      [{ id: container?.id, port: 8080, state: 'ready' }],
    );
    assert.equal(await (await fetch(`http://${endpoints?.targets[0]?.address}:8080/`)).text(), 'v1');
    assert.deepEqual((succeeded.data as { drained: boolean }).drained, true);
  });

  it('rolls a new image out and removes the old container', async () => {
    const [old] = await stage.containers(names.web);
    await stage.build(image, helloServer('v2'));
    await stage.cli.publish('deploy.requested', { service: specOf({ name: names.web, image }).service.name });
    await stage.event('deploy.succeeded', names.web, 2);
    const containers = await stage.containers(names.web);
    assert.deepEqual(
      containers.map(({ name }) => name),
      [names.web],
    );
    assert.notEqual(containers[0]?.id, old?.id);
    const [target] = (await stage.endpoints(names.web))?.targets ?? [];
    assert.equal(await (await fetch(`http://${target?.address}:8080/`)).text(), 'v2');
    assert.notEqual(target?.address, old?.address);
  });

  it('keeps the old release when the new one crashes, and does not try it again', async () => {
    const [serving] = await stage.containers(names.web);
    await stage.build(image, `console.log('cannot live');process.exit(3)`);
    await stage.cli.publish('deploy.requested', { service: specOf({ name: names.web, image }).service.name });
    const failed = await stage.event('deploy.failed', names.web);
    const data = failed.data as { reason: string; lastLines: readonly string[]; barred: boolean };
    assert.equal(data.reason, 'crashed');
    assert.equal(data.barred, true);
    assert.ok(data.lastLines.some((line) => line.includes('cannot live')));
    await waitUntil(async () => (await stage.containers(names.web)).length === 1, {
      timeoutMs: 20_000,
      what: 'the failed container leaving',
    });
    assert.equal((await stage.containers(names.web))[0]?.id, serving?.id);
    assert.deepEqual(
      (await stage.endpoints(names.web))?.targets.map(({ id }) => id),
      [serving?.id],
    );
    const status = await stage.cli.request('status.services', {});
    assert.equal(status.services[0]?.phase, 'serving');
    assert.equal(status.services[0]?.barred.length, 1);
  });

  it('makes a lost container again without a rollout', async () => {
    const started = stage.events.filter(({ type }) => type === 'deploy.started.v1').length;
    const [lost] = await stage.containers(names.web);
    execFileSync('docker', ['rm', '-f', lost?.id ?? '']);
    const target = await waitUntil(
      async () => (await stage.endpoints(names.web))?.targets.find(({ id, state }) => id !== lost?.id && state === 'ready'),
      { timeoutMs: 20_000, what: 'another container routed' },
    );
    assert.equal(await (await fetch(`http://${target.address}:8080/`)).text(), 'v2');
    assert.equal(stage.events.filter(({ type }) => type === 'deploy.started.v1').length, started);
  });

  it('holds requests from the end of a container until it is back', async () => {
    const [serving] = await stage.containers(names.web);
    const told = () => stage.events.filter(({ type, subject }) => type === 'routes.changed.v1' && subject === names.web);
    const before = told().length;
    // It may last for a blink only, so it is looked for while the engine still stops the container.
    const held = waitUntil(async () => (await stage.endpoints(names.web))?.hold === true, { timeoutMs: 20_000, what: 'requests held' });
    await Promise.all([promisify(execFile)('docker', ['stop', '-t', '0', serving?.id ?? '']), held]);
    const back = async () => {
      const entry = await stage.endpoints(names.web);
      return entry?.hold === undefined && entry?.targets.some(({ id, state }) => id === serving?.id && state === 'ready');
    };
    await waitUntil(back, { timeoutMs: 20_000, what: 'the same container routed again' });
    await waitUntil(() => told().length >= before + 2, { what: 'both tables told' });
  });

  it('goes on under a new name without a moment in which nobody serves the route', async () => {
    const [old] = await stage.containers(names.web);
    await stage.build(image, helloServer('v2'));
    await stage.declare(specOf({ name: names.shop, image, restart: 'always' }, proxied));
    const seen: string[] = [];
    await waitUntil(
      async () => {
        const [before, after] = [await stage.endpoints(names.web), await stage.endpoints(names.shop)];
        const ready = [before, after].some((entry) => entry?.targets.some(({ state }) => state === 'ready'));
        seen.push(ready ? 'ready' : 'nobody');
        return before === null && after !== null && (await stage.containers(names.web)).length === 0;
      },
      { timeoutMs: 60_000, what: 'the old name leaving' },
    );
    assert.ok(!seen.includes('nobody'), seen.join());
    assert.notEqual((await stage.containers(names.shop))[0]?.id, old?.id);
  });

  it('goes on where it was after a restart, and removes what is declared no more', async () => {
    await stage.restart();
    await stage.declare();
    await waitUntil(async () => (await stage.containers(names.shop)).length === 0, { timeoutMs: 30_000, what: 'the containers leaving' });
    await waitUntil(async () => (await stage.endpoints(names.shop)) === null, { what: 'the routes leaving' });
  });

  it('runs a job once for each instant, keeps its output, and skips what overlaps or is undeclared', async () => {
    const jobImage = `${stage.node}-job:current`;
    await stage.build(jobImage, `process.on('SIGUSR2',()=>{console.log('job done');process.exit(0)});setInterval(()=>{},1000)`);
    const spec = specOf(
      { name: names.nightly, image: jobImage },
      { dispenser: { watch: false, cron: '0 3 * * *', initialize: 'on-trigger' } },
    );
    await stage.declare(spec);
    const service = spec.service.name;
    const first = new Date().toISOString();
    const overlapping = new Date(Date.now() + 1_000).toISOString();
    for (const instant of [first, first, overlapping]) await stage.scheduler.publish('job.due', { service, instant });
    const skipped = await stage.event('job.skipped', names.nightly);
    assert.deepEqual((skipped.data as { reason: string }).reason, 'overlap');
    const finished = await stage.endRun(names.nightly);
    assert.deepEqual(finished.data, { instant: first, exitCode: 0, durationMs: (finished.data as { durationMs: number }).durationMs });
    const logs = await stage.cli.request('logs.tail', { service });
    assert.deepEqual(
      logs.sources.map(({ name }) => name),
      [`run ${first}`],
    );
    assert.equal(logs.sources[0]?.lines.at(-1), 'job done');

    const [container] = await stage.containers(names.nightly);
    const second = new Date(Date.now() + 2_000).toISOString();
    await stage.scheduler.publish('job.due', { service, instant: second });
    await stage.endRun(names.nightly, 2);
    assert.equal((await stage.containers(names.nightly))[0]?.id, container?.id);
    const lines = (await stage.cli.request('logs.tail', { service, instant: second })).sources.flatMap((source) => source.lines);
    assert.equal(lines.filter((line) => line === 'job done').length, 1);
    assert.equal(stage.events.filter(({ type }) => type === 'job.started.v1').length, 2);

    const unknown = specOf({ name: 'unknown', image: jobImage }).service.name;
    await stage.scheduler.publish('job.due', { service: unknown, instant: new Date().toISOString() });
    assert.equal(((await stage.event('job.skipped', 'unknown')).data as { reason: string }).reason, 'undeclared');
  });

  it('stops the old container first where both need the same host port, and brings it back when the new one fails', async () => {
    const ported = `${stage.node}-ported:current`;
    const spec = specOf(
      { name: names.ported, image: ported, restart: 'always' },
      { port: [{ host: 28_431, container: 8_080, host_ip: '127.0.0.1' }] },
    );
    const text = async () => await (await fetch('http://127.0.0.1:28431/')).text();
    await stage.build(ported, helloServer('p1'));
    await stage.declare(spec);
    await stage.event('deploy.succeeded', names.ported);
    assert.equal(await waitUntil(text), 'p1');
    const [first] = await stage.containers(names.ported);

    await stage.build(ported, helloServer('p2'));
    await stage.cli.publish('deploy.requested', { service: spec.service.name });
    const started = await stage.event('deploy.started', names.ported, 2);
    assert.equal((started.data as { strategy: string }).strategy, 'stop-first');
    await stage.event('deploy.succeeded', names.ported, 2);
    assert.equal(await waitUntil(text), 'p2');
    const [second] = await stage.containers(names.ported);
    assert.notEqual(second?.id, first?.id);

    await stage.build(ported, 'process.exit(4)');
    await stage.cli.publish('deploy.requested', { service: spec.service.name });
    await stage.event('deploy.failed', names.ported);
    await waitUntil(
      async () => (await stage.containers(names.ported)).length === 1 && (await stage.containers(names.ported))[0]?.state === 'running',
      { timeoutMs: 20_000 },
    );
    assert.equal((await stage.containers(names.ported))[0]?.id, second?.id);
    assert.equal(await waitUntil(text), 'p2');
  });

  it('stops nothing for a port that another program has', async () => {
    const holder = createServer().listen({ port: 0, host: '127.0.0.1' });
    await once(holder, 'listening');
    const { port: host } = holder.address() as AddressInfo;
    const [serving] = await stage.containers(names.ported);
    const ported = `${stage.node}-ported:current`;
    const spec = specOf(
      { name: names.ported, image: ported, restart: 'always' },
      { port: [{ host, container: 8_080, host_ip: '127.0.0.1' }] },
    );
    await stage.build(ported, helloServer('p4'));
    await stage.declare(spec);
    const record = async () => (await stage.stores.releases.get(serviceKey(stage.node, spec.service.name)))?.value;
    const waiting = await waitUntil(async () => (await record())?.waiting, { timeoutMs: 20_000, what: 'the obstacle' });
    assert.equal(waiting.code, 'PORT_TAKEN');
    assert.match(waiting.message, new RegExp(`^port ${host} of the host is taken by another program; free it`));
    const [still] = await stage.containers(names.ported);
    assert.deepEqual([still?.id, still?.state, still?.startedAt], [serving?.id, 'running', serving?.startedAt]);
    holder.close();
    const text = async () => await (await fetch(`http://127.0.0.1:${host}/`)).text();
    await waitUntil(async () => (await text()) === 'p4', { timeoutMs: 60_000, what: 'the new port' });
    await stage.event('deploy.succeeded', names.ported, 3);
  });

  it('tells what the next pass would do without doing it', async () => {
    const ported = `${stage.node}-ported:current`;
    const spec = specOf(
      { name: names.ported, image: ported, restart: 'always', memory: '64m' },
      { port: [{ host: 28_431, container: 8_080, host_ip: '127.0.0.1' }] },
    );
    await stage.halt();
    await stage.declare(spec);
    await stage.standBy();
    // It stands by as soon as the bus knows that it answers.
    const { changes } = await waitUntil(async () => await stage.cli.request('deploy.plan', {}), { what: 'the answer of a stand-by' });
    const change = changes.find(({ service }) => service === names.ported);
    assert.deepEqual([change?.action, change?.strategy], ['roll', 'stop-first']);
    assert.match(change?.reason ?? '', /config-changed/);
    const status = await stage.cli.request('status.services', { service: spec.service.name });
    assert.deepEqual(
      status.services.map(({ service }) => service),
      [names.ported],
    );
  });
});
