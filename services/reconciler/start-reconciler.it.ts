import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { helloServer, type LiveStage, openLiveStage, specOf } from './testing/live-stage.ts';

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
    await stage.declare(specOf({ name: 'web', image, restart: 'always' }, proxied));
    const succeeded = await stage.event('deploy.succeeded', 'web');
    const [container, ...others] = await stage.containers('web');
    assert.equal(others.length, 0);
    assert.equal(container?.name, 'web');
    assert.equal(container?.hasAlias, true);
    const endpoints = await stage.endpoints('web');
    assert.deepEqual(endpoints?.routes, [{ host: 'web.example.com', path: '/' }]);
    assert.deepEqual(
      endpoints?.targets.map(({ id, port, state }) => ({ id, port, state })),
      [{ id: container?.id, port: 8080, state: 'ready' }],
    );
    assert.equal(await (await fetch(`http://${endpoints?.targets[0]?.address}:8080/`)).text(), 'v1');
    assert.deepEqual((succeeded.data as { drained: boolean }).drained, true);
  });

  it('rolls a new image out and removes the old container', async () => {
    const [old] = await stage.containers('web');
    await stage.build(image, helloServer('v2'));
    await stage.cli.publish('deploy.requested', { service: specOf({ name: 'web', image }).service.name });
    await stage.event('deploy.succeeded', 'web', 2);
    const containers = await stage.containers('web');
    assert.deepEqual(
      containers.map(({ name }) => name),
      ['web'],
    );
    assert.notEqual(containers[0]?.id, old?.id);
    const [target] = (await stage.endpoints('web'))?.targets ?? [];
    assert.equal(await (await fetch(`http://${target?.address}:8080/`)).text(), 'v2');
    assert.notEqual(target?.address, old?.address);
  });

  it('keeps the old release when the new one crashes, and does not try it again', async () => {
    const [serving] = await stage.containers('web');
    await stage.build(image, `console.log('cannot live');process.exit(3)`);
    await stage.cli.publish('deploy.requested', { service: specOf({ name: 'web', image }).service.name });
    const failed = await stage.event('deploy.failed', 'web');
    const data = failed.data as { reason: string; lastLines: readonly string[]; barred: boolean };
    assert.equal(data.reason, 'crashed');
    assert.equal(data.barred, true);
    assert.ok(data.lastLines.some((line) => line.includes('cannot live')));
    await waitUntil(async () => (await stage.containers('web')).length === 1, { timeoutMs: 20_000, what: 'the failed container leaving' });
    assert.equal((await stage.containers('web'))[0]?.id, serving?.id);
    assert.deepEqual(
      (await stage.endpoints('web'))?.targets.map(({ id }) => id),
      [serving?.id],
    );
    const status = await stage.cli.request('status.services', {});
    assert.equal(status.services[0]?.phase, 'serving');
    assert.equal(status.services[0]?.barred.length, 1);
  });

  it('makes a lost container again without a rollout', async () => {
    const started = stage.events.filter(({ type }) => type === 'deploy.started.v1').length;
    const [lost] = await stage.containers('web');
    execFileSync('docker', ['rm', '-f', lost?.id ?? '']);
    const target = await waitUntil(
      async () => (await stage.endpoints('web'))?.targets.find(({ id, state }) => id !== lost?.id && state === 'ready'),
      { timeoutMs: 20_000, what: 'another container routed' },
    );
    assert.equal(await (await fetch(`http://${target.address}:8080/`)).text(), 'v2');
    assert.equal(stage.events.filter(({ type }) => type === 'deploy.started.v1').length, started);
  });

  it('goes on where it was after a restart, and removes what is declared no more', async () => {
    await stage.restart();
    await stage.declare();
    await waitUntil(async () => (await stage.containers('web')).length === 0, { timeoutMs: 30_000, what: 'the containers leaving' });
    await waitUntil(async () => (await stage.endpoints('web')) === null, { what: 'the routes leaving' });
  });
});
