import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { DeployProgressed } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { joinBus, kedge, type StackFacts } from '../e2e/harness/stack.ts';
import { watchWorkloads } from './harness/containers.ts';
import { assertEachEndedOnce, rolloutEvents } from './harness/ledger.ts';
import { createNamedService, type NamedService } from './harness/named-service.ts';
import { startPrivateStack } from './harness/private-stack.ts';
import { allIsWell, holdNameLoad } from './harness/private-story.ts';
import { seed, someOf, turnOf } from './harness/sample.ts';
import { skipOrFail } from './harness/skip-or-fail.ts';

const stores = '/srv/stores';
const disks = { bus: `${stores}/nats`, engine: '/var/lib/docker' } as const;
const told = someOf(Object.keys(disks), 1);

describe(`a disk is full (KEDGE_TEST_SEED=${seed})`, turnOf('a disk is full'), () => {
  const closing: (() => Promise<void>)[] = [];
  let missing: string | null = null;
  let facts: StackFacts;
  let bus: Bus;
  let web: NamedService;
  let shell: (script: string) => Promise<string>;

  before(async () => {
    const stack = await startPrivateStack({
      overlay: 'test/chaos/compose.small-disks.yaml',
      diskMegabytes: 1_500,
      async prepare(engine) {
        await engine.shell(`mkdir -p ${stores}/nats ${stores}/registry; mount -t tmpfs -o size=32m tmpfs ${stores}/nats`);
        return { KEDGE_CHAOS_STORES: stores };
      },
    });
    if (typeof stack === 'string') {
      missing = stack;
      return;
    }
    closing.push(stack.close);
    ({ facts } = stack);
    ({ shell } = stack.engine);
    bus = await joinBus(facts, 'cli');
    closing.push(async () => await bus.close());
    web = await createNamedService({ facts, bus, name: 'web' });
    await web.declare();
    await web.arrived();
  });
  after(async () => {
    for (const close of closing.toReversed()) await close();
  });

  it(
    'that of the bus: what serves goes on, Kedge says why it does nothing, and the push rolls when there is room',
    told('bus'),
    async (test) => {
      await pushWhileFull(test, disks.bus, async () => {
        await waitUntil(async () => /the bus .*takes no writes/.test(await kedge(facts, ['status'], [0, 2])), {
          timeoutMs: 60_000,
          what: 'the status says what the bus suffers from',
        });
      });
    },
  );

  it('that of the engine: the old release serves, the new one waits, and rolls when there is room', told('engine'), async (test) => {
    const since = new Date();
    await pushWhileFull(test, disks.engine, async () => {
      const { waiting, barred, replicas } = await waitUntil(
        async () => {
          const status = await web.status();
          return status.phase === 'waiting' && status;
        },
        { timeoutMs: 60_000, what: 'the new release waits' },
      );
      assert.match(waiting?.code ?? '', /^ENGINE_/);
      assert.match(waiting?.message ?? '', /no space left on device/);
      const told = (await bus.recent({ since, subjects: ['deploy.progressed'] })).filter(({ subject }) => subject === web.name);
      assert.ok(
        told.some(({ data }) => /^ENGINE_.*no space left on device/.test(DeployProgressed.parse(data).message ?? '')),
        'whoever follows the events is told, too',
      );
      assert.deepEqual(barred, []);
      assert.deepEqual(replicas, { ready: 2, wanted: 2 });
      assert.match(await kedge(facts, ['doctor'], [1]), /^failed +reconciler +disk/m);
    });
  });

  /** Fills a disk, pushes, and makes room when Kedge has said what is wrong. */
  async function pushWhileFull(test: TestContext, disk: string, isTold: () => Promise<void>): Promise<void> {
    if (missing !== null) return skipOrFail(test, missing);
    const since = new Date();
    await web.prepare();
    const workloads = watchWorkloads(facts);
    test.after(() => workloads.stop());
    const finish = holdNameLoad(test, facts, { services: [web] });

    await shell(`dd if=/dev/zero of=${disk}/filler bs=4k 2>/dev/null || true`);
    test.after(async () => await shell(`rm -f ${disk}/filler`));
    await web.releaseUnseen();
    await isTold();
    const touched = workloads.seen.filter(({ action }) => ['kill', 'die', 'stop', 'destroy'].includes(action));
    assert.deepEqual(touched, [], 'nothing was stopped while the disk was full');
    await shell(`rm ${disk}/filler`);

    await finish();
    await allIsWell(facts);
    assert.equal(assertEachEndedOnce(await rolloutEvents(bus, web.name, since)), 1);
  }
});
