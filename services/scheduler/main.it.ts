import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { ConfigManifest, manifestKey, ScheduleEntry, ServiceEntry, ServiceName, ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { type Closable, hashJson } from '@kedge/shared/kernel';
import { type ComponentProcess, startComponentProcess, startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';

const ticker = ServiceName.parse('ticker');
const other = ServiceName.parse('other.job');
const daily = ServiceName.parse('daily');

interface Due {
  readonly service: ServiceName;
  readonly instant: number;
  readonly id: string;
  readonly missed: number | undefined;
  /** When the event was made. */
  readonly saidAt: number;
}

describe('the scheduler on the bus', () => {
  let testBus: TestBus;
  let watcher: Bus;
  let reconciler: Bus;
  let cli: Bus;
  let commands: Closable | undefined;
  const due: Due[] = [];
  const seen: string[] = [];
  const running = new Set<ComponentProcess>();

  before(async () => {
    testBus = await startTestBus();
    [watcher, reconciler, cli] = await Promise.all([testBus.connect('watcher'), testBus.connect('reconciler'), testBus.connect('cli')]);
    cli.follow(['job.due'], ({ id }) => seen.push(id));
    commands = await reconciler.consume<'job.due'>('reconciler', async ({ event }) => {
      const { service, instant, missed } = event.data;
      due.push({ service, instant: Date.parse(instant), id: event.id, missed, saidAt: Date.parse(event.time) });
      return { kind: 'done' };
    });
  });
  after(async () => {
    await Promise.all([...running].map((component) => component.stop('SIGKILL')));
    await commands?.close();
    await testBus?.close();
  });

  async function start(instance: string, zone = 'Europe/Berlin'): Promise<ComponentProcess> {
    const component = await startComponentProcess({
      main: new URL('main.ts', import.meta.url),
      environment: {
        KEDGE_BUS_URL: testBus.url,
        KEDGE_KEYS: testBus.keysFolder('scheduler'),
        KEDGE_INSTANCE: instance,
        KEDGE_ZONE: zone,
      },
    });
    running.add(component);
    return component;
  }
  async function stop(component: ComponentProcess, signal: NodeJS.Signals): Promise<number | null> {
    running.delete(component);
    return await component.stop(signal);
  }

  /** Declares these jobs and no others, as the watcher does: specs first, then the manifest, then the event. */
  async function declare(jobs: Readonly<Record<string, string>>): Promise<void> {
    const [services, manifests] = [watcher.bucket('services', ServiceEntry), watcher.bucket('services', ConfigManifest)];
    const hashes: Record<string, string> = {};
    for (const [name, cron] of Object.entries(jobs)) {
      const spec = ServiceSpec.parse({ service: { name, image: 'app:1' }, dispenser: { watch: false, cron } });
      const value = { node: watcher.node, spec, hash: hashJson(spec), path: name };
      const key = serviceKey(watcher.node, spec.service.name);
      const before = await services.get(key);
      hashes[name] = value.hash;
      assert.ok(before ? await services.update(key, value, before.revision) : await services.create(key, value));
    }
    const key = manifestKey(watcher.node);
    const manifest = { node: watcher.node, revision: hashJson(jobs), entry: 'kedge.toml', services: hashes, delay: 60 };
    const before = await manifests.get(key);
    assert.ok(before ? await manifests.update(key, manifest, before.revision) : await manifests.create(key, manifest));
    await watcher.publish('config.changed', { revision: manifest.revision, added: [], changed: [], removed: [] });
  }
  const entryOf = async (service: ServiceName) => await reconciler.bucket('schedule', ScheduleEntry).get(serviceKey(watcher.node, service));
  const instantsOf = (service: ServiceName) => due.filter((each) => each.service === service).map(({ instant }) => instant);

  it('refuses to start in a zone that does not exist, and names the nearest', async () => {
    await assert.rejects(start('nowhere', 'Europe/Berlinn'), /CONFIG_INVALID.*did you mean \\"Europe\/Berlin\\"/s);
  });

  it('says every instant of a job once, and never early, with two schedulers', async () => {
    const schedulers = await Promise.all([start('one'), start('two')]);
    await declare({ [ticker]: '* * * * * *' });
    await waitUntil(() => instantsOf(ticker).length >= 6, { timeoutMs: 30_000, what: 'six instants' });

    const instants = instantsOf(ticker);
    assert.deepEqual(
      instants,
      instants.map((_, index) => (instants[0] ?? 0) + index * 1_000),
    );
    for (const { instant, saidAt } of due) assert.ok(saidAt >= instant);
    for (const { id } of due) assert.match(id, /^job\.due\/local\.ticker\/\d+$/);

    // What was said is counted after it was heard.
    await waitUntil(async () => {
      const counted = await Promise.all(
        schedulers.map(async (each) =>
          Number(/kedge_jobs_due_total\{service="ticker"\} (\d+)/.exec((await each.get('/metrics')).body)?.[1] ?? 0),
        ),
      );
      return counted.reduce((sum, count) => sum + count, 0) >= instants.length;
    });
  });

  it('can be watched by people, who see each instant once', async () => {
    const wanted = due.map(({ id }) => id);
    await waitUntil(() => wanted.every((id) => seen.includes(id)), { what: 'all instants at the command line' });
    assert.deepEqual(
      wanted.map((id) => seen.filter((each) => each === id).length),
      wanted.map(() => 1),
    );
  });

  it('goes on after both were killed, without repeating an instant', async () => {
    const before = instantsOf(ticker).length;
    await Promise.all([...running].map(async (component) => await stop(component, 'SIGKILL')));
    await start('three');
    await waitUntil(() => instantsOf(ticker).length >= before + 4, { timeoutMs: 30_000, what: 'four more instants' });
    const instants = instantsOf(ticker);
    assert.deepEqual(
      instants,
      [...new Set(instants)].toSorted((left, right) => left - right),
    );
    assert.deepEqual(
      [...new Set(due.map(({ id }) => id))],
      due.map(({ id }) => id),
    );
  });

  it('takes up a changed configuration at once: a new job, and a changed expression that keeps what fired last', async () => {
    const last = (await entryOf(ticker))?.value.last;
    await declare({ [ticker]: '0 0 3 1 1 *', [other]: '0 30 2 * * SUN' });
    const added = await waitUntil(async () => await entryOf(other), { what: 'the new job' });
    assert.deepEqual([added.value.cron, added.value.zone, added.value.last], ['0 30 2 * * SUN', 'Europe/Berlin', null]);
    const changed = await waitUntil(
      async () => {
        const entry = await entryOf(ticker);
        return entry?.value.cron === '0 0 3 1 1 *' && entry;
      },
      { what: 'the changed job' },
    );
    assert.ok(last && changed.value.last && changed.value.last >= last);
    assert.match(changed.value.next ?? '', /-01-01T02:00:00\.000Z$/);
  });

  it('tells once what was missed while nobody looked', async () => {
    await declare({ [daily]: '0 0 12 * * *' });
    const planned = await waitUntil(async () => await entryOf(daily), { what: 'the job' });
    const { next } = planned.value;
    assert.ok(next);
    const before = new Date(Date.parse(next) - 3 * 86_400_000).toISOString();
    const schedule = (await testBus.connect('scheduler')).bucket('schedule', ScheduleEntry);
    assert.ok(await schedule.update(planned.key, { ...planned.value, next: before }, planned.revision));
    await declare({ [daily]: '0 0 12 * * *' });
    const told = await waitUntil(() => due.find(({ service, missed }) => service === daily && missed !== undefined), { what: 'the word' });
    // Beside a change of clocks, and in the minute after noon, the last of them is another one.
    assert.ok(told.missed === 3 || told.missed === 2);
    assert.ok(told.instant < Date.parse(next) && told.instant > Date.parse(before));
    assert.equal((await waitUntil(async () => await entryOf(daily))).value.next, next);
  });

  it('says what is wrong with an expression, and forgets jobs that are not declared any more', async () => {
    const [component] = running;
    await declare({ [other]: '61 * * * *' });
    await waitUntil(async () => (await entryOf(ticker)) === null && (await entryOf(other)) === null, { what: 'an empty schedule' });
    // Another scheduler may have been faster with the entries; each tells what it finds.
    await waitUntil(() => /minute \\"61\\".*cron expression is not valid/.test(component?.output() ?? ''), { what: 'a word about it' });
    await waitUntil(async () => /kedge_cron_expressions_invalid 1/.test((await component?.get('/metrics'))?.body ?? ''));
  });

  it('stops in time when it is asked to', async () => {
    const [component] = running;
    assert.ok(component);
    assert.equal(await stop(component, 'SIGTERM'), 0);
  });
});
