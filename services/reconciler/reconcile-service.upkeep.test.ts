import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ImageReference, imageKey } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { put } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { assertServes, crashing, ends, open, proxied, said, serving, specOf, twoProxies } from './testing/stories.ts';

describe('the upkeep of a service', () => {
  it('makes a lost container again without a rollout', async () => {
    const spec = specOf({ service: { replicas: 2 }, ...proxied });
    const simulation = await serving(spec, {}, twoProxies);
    simulation.engine.lose(simulation.engine.all()[0]?.id ?? '');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0]);
  });

  it('makes a lost container again although the newest release is barred', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, { v2: crashing });
    await simulation.accept('v2');
    await simulation.settle();
    simulation.engine.lose(simulation.engine.all()[0]?.id ?? '');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
  });

  it('makes a lost container of the serving release again although another spec is declared and barred', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, { v2: crashing });
    const other = specOf({ service: { memory: '64m' }, ...proxied });
    await simulation.declare(other);
    await simulation.accept('v2');
    await simulation.settle();
    simulation.engine.lose(simulation.engine.all()[0]?.id ?? '');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
  });

  it('goes on for what serves while nobody has the image that is declared, and the image rolls out when somebody has', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, { v2: {} });
    const typo = specOf({ service: { image: 'app:typo' }, ...proxied });
    const reference = ImageReference.parse('app:typo');
    await simulation.declare(typo);
    await put(simulation.stores.images, imageKey(reference), { reference, accepted: null, state: 'absent' });
    simulation.engine.lose(simulation.engine.all()[0]?.id ?? '');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');

    await simulation.accept('v2', 'app:typo');
    await simulation.settle();
    await assertServes(simulation, typo, 'v2');
    assert.deepEqual(said(simulation, ...ends), [2, 2, 0, 0]);
  });

  it('follows a changed number of replicas without a rollout', async () => {
    const simulation = await serving(specOf({ service: { replicas: 3 }, ...proxied }), {}, twoProxies);
    simulation.guardCapacity(1);
    for (const replicas of [1, 4, 2]) {
      const spec = specOf({ service: { replicas }, ...proxied });
      await simulation.declare(spec);
      await simulation.settle();
      await assertServes(simulation, spec, 'v1');
    }
    assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0]);
  });

  it('moves a route without touching containers', async () => {
    const simulation = await serving(specOf(proxied));
    const before = simulation.engine.all();
    await simulation.declare(specOf({ proxy: { host: 'Other.test:443', path: '/api/', service_port: 80 } }));
    await simulation.settle();
    assert.deepEqual((await simulation.endpoints())?.routes, [{ host: 'other.test', path: '/api' }]);
    assert.deepEqual(simulation.engine.all(), before);
  });

  it('takes the routes away with [proxy], and keeps the container', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    const spec = specOf();
    await simulation.declare(spec);
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
  });

  it('removes what is declared no more, and forgets it', async () => {
    const simulation = await serving(specOf({ service: { replicas: 2 }, ...proxied }), {}, twoProxies);
    await simulation.declare(null);
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
    assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
    assert.deepEqual(simulation.violations, []);
  });

  it('leaves a foreign container under the name alone, and says why it waits', async () => {
    const simulation = await open();
    simulation.engine.addForeign('web');
    await simulation.declare(specOf(proxied));
    await simulation.accept('v1');
    await simulation.settle({ untilMs: 120_000 });
    assert.deepEqual(
      simulation.engine.all().map(({ name }) => name),
      ['web'],
    );
    assert.equal((await simulation.record())?.waiting?.code, 'NAME_TAKEN');
  });

  it('begins anew what is declared again after it was said to be gone, and says that it is gone each time', async () => {
    const spec = specOf({ service: { restart: 'no' } });
    const simulation = await open({ v1: { readyAfterMs: null, endsAfterMs: 300 } });
    await simulation.declare(spec);
    await simulation.accept('v1');
    await simulation.settle();
    await simulation.declare(null);
    await simulation.settle({ crashes: [{ call: 1, of: 'releases.delete', effect: 'before' }], untilMs: 500 });
    assert.ok((await simulation.record())?.goneAt, 'it died before the record went');
    await simulation.declare(spec);
    await simulation.settle();
    assert.deepEqual([simulation.engine.starts(), said(simulation, 'service.removed')], [2, [1]]);
    await simulation.declare(null);
    await simulation.settle();
    assert.deepEqual([await simulation.record(), said(simulation, 'service.removed')], [null, [2]]);
  });

  it('runs once what is not restarted, and does not run it again', async () => {
    const once = { readyAfterMs: null, endsAfterMs: 200, exitCode: 0 };
    const simulation = await open({ v1: once });
    await simulation.declare(specOf({ service: { restart: 'no' } }));
    await simulation.accept('v1');
    await simulation.settle();
    const [container] = simulation.engine.all();
    assert.deepEqual([container?.state, container?.exitCode], ['exited', 0]);
    assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0]);
    simulation.engine.lose(container?.id ?? '');
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
  });

  it('does not run again what runs once and failed', async () => {
    const simulation = await open({ v1: { readyAfterMs: null, endsAfterMs: 200, exitCode: 7 } });
    await simulation.declare(specOf({ service: { restart: 'no' } }));
    await simulation.accept('v1');
    await simulation.settle();
    assert.deepEqual(
      simulation.engine.all().map(({ state, exitCode }) => [state, exitCode]),
      [['exited', 7]],
    );
    assert.deepEqual(said(simulation, ...ends), [1, 0, 1, 0]);
    const { rollout, last } = (await simulation.record()) ?? {};
    assert.deepEqual([rollout, last?.reason], [null, 'it ended with code 7']);
  });

  it('says of a job that is restarted whenever it ends that this keeps it from ending, and what to write', async () => {
    const simulation = await open({ v1: { readyAfterMs: null, endsAfterMs: 200, exitCode: 0 } });
    await simulation.declare(specOf({ dispenser: { watch: true, cron: '0 3 * * *' } }));
    await simulation.accept('v1');
    await simulation.settle({ untilMs: 60_000 });
    const why =
      /restart = "always" starts its container again whenever it ends: a job has to end, so write restart = "no" or "on-failure"$/;
    assert.match((await simulation.record())?.waiting?.message ?? '', why);
  });

  it('takes over running containers when its record was lost, and rolls nothing', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec);
    const before = simulation.engine.all();
    await simulation.forgetRecord();
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.deepEqual(simulation.engine.all(), before);
    assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0]);
    assert.notEqual((await simulation.record())?.serving?.takenOverAt, undefined);

    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    assert.equal((await simulation.record())?.serving?.takenOverAt, undefined, 'from here on its history is known');
  });

  it('repairs what serves while a rollout waits', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, {}, twoProxies);
    await simulation.accept('v2');
    const pull = new RetryableError('REGISTRY_UNREACHABLE', 'the registry does not answer');
    simulation.engine.troubles.pull = pull;
    await simulation.settle({ untilMs: 200_000 });
    simulation.engine.lose(simulation.engine.all()[0]?.id ?? '');
    await simulation.settle({ untilMs: 30_000 });
    const [repaired] = simulation.engine.all();
    assert.deepEqual([repaired?.state, repaired?.kedge?.digest], ['running', digestOf('v1')]);
    assert.deepEqual(
      (await simulation.endpoints())?.targets.map(({ id }) => id),
      [repaired?.id],
    );
  });

  it('stays with its first digest when it is not watched, until somebody asks', async () => {
    const spec = specOf({ ...proxied, dispenser: { watch: false } });
    const simulation = await serving(spec);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    await simulation.accept('v3');
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    assert.deepEqual(said(simulation, ...ends), [2, 2, 0, 0]);
  });

  it('stays with what serves after a request that found nothing new', async () => {
    const spec = specOf({ ...proxied, dispenser: { watch: false } });
    const simulation = await serving(spec);
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0]);
  });

  it('tries a barred release again when somebody lifts the bar', async () => {
    const behaviours = { v2: { ...crashing } };
    const spec = specOf(proxied);
    const simulation = await serving(spec, behaviours);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    Object.assign(behaviours.v2, { readyAfterMs: 10, endsAfterMs: null });
    await simulation.request('clear', 'clear-1');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    assert.deepEqual(said(simulation, 'release.barred', 'release.cleared'), [1, 1]);
  });

  it('runs again what runs once when somebody asks', async () => {
    const simulation = await open({ v1: { readyAfterMs: null, endsAfterMs: 200, exitCode: 7 } });
    await simulation.declare(specOf({ service: { restart: 'no' } }));
    await simulation.accept('v1');
    await simulation.settle();
    const [first] = simulation.engine.all();
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    const [second] = simulation.engine.all();
    assert.ok((second?.startedAt?.getTime() ?? 0) > (first?.startedAt?.getTime() ?? 0));
    assert.deepEqual(said(simulation, ...ends), [2, 0, 2, 0]);
  });

  it('starts a service on-trigger only when its image changes', async () => {
    const simulation = await open();
    const spec = specOf({ ...proxied, dispenser: { watch: true, initialize: 'on-trigger' } });
    await simulation.declare(spec);
    await simulation.accept('v1');
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
  });

  it('thaws a container that somebody froze', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, {}, twoProxies);
    simulation.engine.interruptAliases(simulation.engine.all()[0]?.id ?? '');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.deepEqual(said(simulation, 'container.drifted'), [1]);
  });

  it('makes a container anew that lost its network and whose address was given away, and says that once', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, {}, twoProxies);
    const [cut] = simulation.engine.all();
    simulation.engine.interruptAliases(cut?.id ?? '');
    simulation.engine.troubles.attach = new RetryableError('ADDRESS_TAKEN', 'the address is in use');
    await simulation.settle({ untilMs: 900 });
    assert.deepEqual([said(simulation, 'container.drifted'), simulation.engine.all()[0]?.id], [[0], cut?.id]);
    await simulation.settle({ untilMs: 1_000 });
    simulation.engine.troubles.attach = null;
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.deepEqual(said(simulation, 'container.drifted'), [1]);
    assert.notEqual(simulation.engine.all()[0]?.id, cut?.id);
  });

  it('tries a barred release again when its gate is declared in another way', async () => {
    const wrong = specOf({ ...proxied, gate: [{ type: 'tcp', port: 80, healthy_deadline: '1s' }] });
    const simulation = await serving(wrong, { v2: { readyAfterMs: 5_000 } });
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, wrong, 'v1');
    assert.deepEqual(said(simulation, ...ends), [2, 1, 1, 1]);
    const patient = specOf({ ...proxied, gate: [{ type: 'tcp', port: 80, healthy_deadline: '30s' }] });
    await simulation.declare(patient);
    await simulation.settle();
    await assertServes(simulation, patient, 'v2');
    assert.deepEqual(said(simulation, ...ends), [3, 2, 1, 1]);
  });

  it('leaves containers alone that the store has never heard of, until they are declared again', async () => {
    const spec = specOf();
    const simulation = await serving(spec);
    const before = simulation.engine.all();
    await simulation.forgetRecord();
    await simulation.declare(null);
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), before);
    await simulation.declare(spec);
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    await simulation.declare(null);
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
  });

  it('keeps what serves when the knowledge about images was lost', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec);
    await simulation.forgetImages();
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
  });

  it('waits for what it depends on before its first start, and shows that', async () => {
    const simulation = await open();
    const spec = specOf({ ...proxied, depends_on: { db: 'started' } });
    await simulation.declare(spec);
    await simulation.accept('v1');
    await simulation.settle({ untilMs: 20_000 });
    const { waiting } = (await simulation.record()) ?? {};
    assert.deepEqual([waiting?.code, waiting?.message], ['DEPENDENCY_PENDING', 'it waits for db (started), which is not declared']);
    assert.deepEqual(
      simulation.engine.all().map(({ state }) => state),
      ['created'],
    );
    const db = await simulation.startOther('db');
    await simulation.settle();
    simulation.engine.lose(db);
    await assertServes(simulation, spec, 'v1');
  });

  it('waits before a new release too, while the old one serves, and repairs without waiting', async () => {
    const simulation = await open();
    const spec = specOf({ ...proxied, depends_on: { db: 'started' } });
    const db = await simulation.startOther('db');
    await simulation.declare(spec);
    await simulation.accept('v1');
    await simulation.settle();
    simulation.engine.lose(db);
    const [lost] = simulation.engine.all();
    simulation.engine.lose(lost?.id ?? '');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 20_000 });
    assert.equal((await simulation.record())?.waiting?.code, 'DEPENDENCY_PENDING');
    assert.equal((await simulation.record())?.serving?.digest, digestOf('v1'));
    const again = await simulation.startOther('db');
    await simulation.settle();
    simulation.engine.lose(again);
    await assertServes(simulation, spec, 'v2');
  });

  it('says it, once, when it waited for longer than its deadline', async () => {
    const simulation = await open();
    await simulation.declare(specOf({ ...proxied, depends_on: { db: 'started' } }));
    await simulation.accept('v1');
    await simulation.settle({ untilMs: 30 * 60_000 });
    assert.equal((await simulation.record())?.waiting?.code, 'DEPENDENCY_TIMEOUT');
    const told = simulation.events.filter(
      ({ type, data }) => type === 'deploy.progressed.v1' && /more than 10 min/.test((data as { message: string }).message),
    );
    assert.equal(told.length, 1);
    await simulation.startOther('db');
    await simulation.settle();
    assert.equal((await simulation.record())?.serving?.digest, digestOf('v1'));
  });
});
