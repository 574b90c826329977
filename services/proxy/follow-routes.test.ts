import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { EndpointsEntry } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { recordingLog, waitUntil } from '@kedge/shared/testing';
import type { KnownEndpoints, ObservedEndpoints } from './core/adopt-endpoints.ts';
import { readRules } from './core/compile-rules.ts';
import { createTableBuilder, lookUp } from './core/route-table.ts';
import { createRouteFollower, type RouteFollower } from './follow-routes.ts';
import { createRoutes, type Routes } from './routes.ts';
import { endpoints } from './testing/endpoints.ts';
import { createPaperClock } from './testing/paper-clock.ts';

const web = endpoints('web', [{ id: 'c1', port: 80 }]);
const webNext = endpoints('web', [
  { id: 'c2', port: 80 },
  { id: 'c1', port: 80, state: 'draining' },
]);

/** A store and a disk that a test writes to. */
class World {
  observed: ObservedEndpoints | null = null;
  settling = false;
  reads = 0;
  told = 0;
  saved: KnownEndpoints | null = null;
  diskFull = false;
  passes = 0;
  /** Tables that were built, and rules that were read for them. */
  builds = 0;
  rulesRead = 0;
  readonly routes: Routes = createRoutes();
  readonly output = recordingLog();
  readonly clock = createPaperClock();
  readonly follower: RouteFollower;

  constructor(t: TestContext, { servesHttps = false } = {}) {
    const build = createTableBuilder((rules) => {
      this.rulesRead += 1;
      return readRules(rules);
    });
    this.follower = createRouteFollower({
      buildTable: (known) => {
        this.builds += 1;
        return build(known);
      },
      source: {
        read: async () => {
          this.reads += 1;
          if (!this.observed) throw new RetryableError('BUS_UNAVAILABLE', 'the bus is away');
          return { ...this.observed, settling: this.settling };
        },
      },
      snapshot: {
        load: async () => this.saved,
        save: async (known) => {
          if (this.diskFull) throw new Error('ENOSPC');
          this.saved = known;
        },
      },
      routes: this.routes,
      servesHttps,
      pause: this.clock.pause,
      log: this.output.log,
      passed: () => {
        this.passes += 1;
      },
      onRead: () => {
        this.told += 1;
      },
    });
    t.after(() => this.follower.close());
  }

  store(epoch: string, entries: readonly (readonly [EndpointsEntry, number])[]): void {
    const services = new Map(entries.map(([entry, sequence]) => [entry.service, { entry, revision: `${epoch}.${sequence}` }]));
    this.observed = { epoch, services, unreadable: new Set(), settings: {} };
  }

  readyTargets(): string[] {
    const table = this.routes.current();
    const found = table && lookUp(table, { authority: 'web.test', path: '/' });
    return found?.kind === 'found' ? found.service.ready.map(({ id }) => id) : [];
  }
}

// They wait side by side.
describe('following the routes', { concurrency: true }, () => {
  it('serves what the store says, at start and whenever it is woken', async (t) => {
    const world = new World(t);
    world.store('e1', [[web, 1]]);
    world.follower.start();
    await waitUntil(() => world.readyTargets()[0] === 'c1');
    world.store('e1', [[webNext, 2]]);
    world.follower.wake();
    await waitUntil(() => world.readyTargets()[0] === 'c2');
    assert.deepEqual(
      world.follower.leaving().map(({ id, listed, revision }) => [id, listed, revision]),
      [['c1', true, 'e1.2']],
    );
    assert.equal(world.saved?.services.get(web.service)?.revision, 'e1.2');
    world.store('e1', []);
    world.follower.wake();
    await waitUntil(() => world.readyTargets().length === 0);
    assert.deepEqual(
      world.follower.leaving().map(({ id, listed }) => [id, listed]),
      [
        ['c1', false],
        ['c2', false],
      ],
    );
  });

  it('serves the saved routes until the store answers', async (t) => {
    const world = new World(t);
    world.saved = {
      epoch: 'e1',
      settings: {},
      services: new Map([[web.service, { entry: web, revision: 'e1.1', contentRevision: 'e1.1' }]]),
    };
    assert.equal(await world.follower.restore(), true);
    assert.deepEqual(world.readyTargets(), ['c1']);
    world.follower.start();
    await waitUntil(() => world.reads >= 1);
    assert.deepEqual(world.readyTargets(), ['c1'], 'the bus is away: the last routes stay in force, and it is asked again soon');
    assert.equal(world.passes, 0);
    world.store('e1', [[webNext, 2]]);
    await world.clock.advance(1_000);
    await waitUntil(() => world.readyTargets()[0] === 'c2');
    await waitUntil(() => world.passes === 1);
  });

  it('knows nothing when neither the store nor the disk does', async (t) => {
    const world = new World(t);
    assert.equal(await world.follower.restore(), false);
    world.follower.start();
    await waitUntil(() => world.reads >= 1);
    assert.equal(world.routes.current(), null);
  });

  it('goes on with the last routes when the store was lost', async (t) => {
    const world = new World(t);
    world.store('e1', [[web, 1]]);
    world.follower.start();
    await waitUntil(() => world.told >= 1);
    world.store('e2', []);
    world.follower.wake();
    await waitUntil(() => world.told >= 2);
    assert.deepEqual(world.readyTargets(), ['c1']);
    assert.ok(world.output.lines.some((line) => line.includes('the store was lost')));
  });

  it('looks again by itself while an entry is about to be written once more', async (t) => {
    const world = new World(t);
    world.store('e1', [[web, 1]]);
    world.settling = true;
    world.follower.start();
    for (const [looks, nextAfterMs] of [50, 100, 250].entries()) {
      await waitUntil(() => world.passes === looks + 1);
      await world.clock.advance(nextAfterMs);
    }
    await waitUntil(() => world.passes === 4);
    world.store('e1', [[web, 2]]);
    world.settling = false;
    await world.clock.advance(500);
    await waitUntil(() => world.follower.known()?.services.get(web.service)?.revision === 'e1.2');
    assert.equal(world.saved?.services.get(web.service)?.revision, 'e1.1', 'nothing that requests notice: the file stays');
  });

  it('serves new routes although they cannot be saved', async (t) => {
    const world = new World(t);
    world.diskFull = true;
    world.store('e1', [[web, 1]]);
    world.follower.start();
    await waitUntil(() => world.output.lines.some((line) => line.includes('could not be saved')));
    assert.deepEqual(world.readyTargets(), ['c1']);
  });

  it('saves what it could not save with the next look, although nothing changed since', async (t) => {
    const world = new World(t);
    world.diskFull = true;
    world.store('e1', [[web, 1]]);
    world.follower.start();
    await waitUntil(() => world.passes === 1);
    world.follower.wake();
    await waitUntil(() => world.passes === 2);
    assert.deepEqual([world.saved], [null]);
    world.diskFull = false;
    world.follower.wake();
    await waitUntil(() => world.passes === 3);
    assert.equal(world.saved?.services.get(web.service)?.revision, 'e1.1');
    assert.equal(world.output.lines.filter((line) => line.includes('could not be saved')).length, 1, 'it is told once');
  });

  it('warns once for each host without a certificate, and once about a contested place while it stays so', async (t) => {
    const world = new World(t);
    const rival = endpoints('rival', [], { routes: [{ host: 'web.test', path: '/' }] });
    const conflicts = () => world.output.lines.filter((line) => line.includes('claim the same host')).length;
    const read = async (entries: readonly (readonly [EndpointsEntry, number])[]) => {
      const before = world.told;
      world.store('e1', entries);
      world.follower.wake();
      await waitUntil(() => world.told > before);
    };
    world.follower.start();
    const contested = [
      [web, 1],
      [rival, 2],
    ] as const;
    await read(contested);
    await read([
      [webNext, 3],
      [rival, 2],
    ]);
    assert.equal(world.output.lines.filter((line) => line.includes('no certificate')).length, 1);
    assert.equal(conflicts(), 1);
    await read([[webNext, 3]]);
    await read([
      [webNext, 3],
      [rival, 4],
    ]);
    assert.equal(conflicts(), 2, 'it was settled in between');
  });

  it('does not warn of plain HTTP where HTTPS is served', async (t) => {
    const world = new World(t, { servesHttps: true });
    world.store('e1', [[web, 1]]);
    world.follower.start();
    await waitUntil(() => world.told >= 1);
    assert.equal(world.output.lines.filter((line) => line.includes('no certificate')).length, 0);
  });

  it('gives a contested place away when the other entry is written last, although nothing in it changed', async (t) => {
    const world = new World(t);
    const rival = endpoints('rival', [{ id: 'r1', port: 80 }], { routes: [{ host: 'web.test', path: '/' }] });
    world.store('e1', [
      [web, 1],
      [rival, 2],
    ]);
    world.follower.start();
    await waitUntil(() => world.readyTargets()[0] === 'r1');
    world.store('e1', [
      [web, 3],
      [rival, 2],
    ]);
    world.follower.wake();
    await waitUntil(() => world.readyTargets()[0] === 'c1');
    assert.equal(world.saved?.services.get(web.service)?.revision, 'e1.3', 'a restart decides alike');
  });

  it('builds no table where nothing was written, and reads no rules that it read before', async (t) => {
    const world = new World(t);
    const routes = Array.from({ length: 100 }, (_, index) => ({ host: `h${index}.test`, path: '/' }));
    const ruled = () => endpoints('ruled', [], { routes, rules: { allow: ['10.0.0.0/8', '2001:db8::/32'] } });
    const read = async (entries: readonly (readonly [EndpointsEntry, number])[]) => {
      world.store('e1', entries);
      const before = world.passes;
      world.follower.wake();
      await waitUntil(() => world.passes > before);
      return [world.builds, world.rulesRead];
    };
    world.follower.start();
    assert.deepEqual(
      [
        await read([
          [web, 1],
          [ruled(), 2],
        ]),
        await read([
          [web, 1],
          [ruled(), 2],
        ]),
        await read([
          [webNext, 3],
          [ruled(), 2],
        ]),
        await read([
          [webNext, 3],
          [ruled(), 4],
        ]),
        await read([
          [webNext, 3],
          [{ ...ruled(), hold: true }, 5],
        ]),
      ],
      [
        [1, 1],
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 1],
      ],
    );
  });
});
