import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { EndpointsEntry } from '@kedge/shared/contracts';
import { recordingLog } from '@kedge/shared/testing';
import { Account } from './account.ts';
import { createAvoidance } from './avoidance.ts';
import type { Trouble } from './core/plan-wait.ts';
import { buildRouteTable } from './core/route-table.ts';
import { createEjections } from './ejections.ts';
import { createHoldRoom } from './hold-room.ts';
import { createLimitQueues } from './limit-queues.ts';
import type { Login } from './passwords.ts';
import { createRateLimits } from './rate-limits.ts';
import { createRoutes } from './routes.ts';
import { TargetSearch } from './target-search.ts';
import { admitted } from './testing/admitted.ts';
import { endpoints, knownEndpoints } from './testing/endpoints.ts';
import { silentAccess } from './testing/silent-access.ts';
import { createTraffic } from './traffic.ts';

const both = endpoints('web', [
  { id: 'a', port: 1 },
  { id: 'b', port: 2 },
]);

/** A search for `web.test` over this table, in a time of its own; what it ends with is noted. */
function arrange(
  t: TestContext,
  { entries = [both], authority = 'web.test', room = 10, isDeaf = false, logins = [] }: Partial<Arrangement> = {},
) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const routes = createRoutes();
  const route = (next: readonly EndpointsEntry[]) => routes.replace(buildRouteTable(knownEndpoints(next)));
  if (entries) route(entries);
  const { log, lines } = recordingLog();
  const traffic = createTraffic();
  const account = new Account({ traffic, access: silentAccess, log }, { asked: admitted({ authority }), protocol: 'HTTP/1.1' });
  const avoidance = createAvoidance(() => 0);
  const holdRoom = createHoldRoom(routes, room);
  const rateLimits = createRateLimits(() => 0);
  const coming = [...logins];
  const ground = {
    routes,
    avoidance,
    ejections: createEjections(() => 0),
    traffic,
    limitQueues: createLimitQueues(),
    holdRoom,
    rateLimits,
    passwords: { check: () => coming.shift() ?? 'right' },
    log,
    holdTimeoutMs: 30_000,
    connectRetryMs: 2_000,
  };
  const headers = ['Authorization', `Basic ${Buffer.from('ann:password').toString('base64')}`];
  const search = new TargetSearch(ground, { asked: admitted({ authority, headers }), account, isDeaf: () => isDeaf });
  const found: string[] = [];
  const look = () =>
    search.look({
      onTarget(target) {
        found.push(target.id);
        account.arriveAt(target);
      },
      onAnswer: ({ status }) => void found.push(String(status)),
      onRefused: (status) => void found.push(String(status)),
    });
  /** The target that was found last cannot be used. */
  const fail = (trouble: Trouble) => {
    search.failed(trouble, 'test');
    look();
  };
  const levels = () => lines.map((line) => JSON.parse(line).level as number);
  return { search, look, fail, found, route, traffic, avoidance, levels, pass: (ms: number) => t.mock.timers.tick(ms) };
}

interface Arrangement {
  readonly entries: readonly EndpointsEntry[] | null;
  readonly authority: string;
  readonly room: number;
  readonly isDeaf: boolean;
  /** What logins come to, one after the other; `right` afterwards. */
  readonly logins: readonly (Login | Promise<Login>)[];
}

describe('a search for a target', () => {
  const refusals: readonly (readonly [string, Partial<Arrangement>, string])[] = [
    ['503 while no routes are known', { entries: null }, '503'],
    ['404 where no service has the host', { authority: 'other.test' }, '404'],
    ['400 for what is no host', { authority: 'web.test/..' }, '400'],
    ['503 where the service has no target', { entries: [endpoints('web', [])] }, '503'],
  ];
  for (const [what, arrangement, status] of refusals) {
    it(`ends at once with ${what}`, (t) => {
      const { look, found } = arrange(t, arrangement);
      look();
      assert.deepEqual(found, [status]);
    });
  }

  it('asks the next target where one cannot be reached, and others pass that one by', (t) => {
    const { look, fail, found, traffic, avoidance } = arrange(t);
    look();
    const [first = ''] = found;
    fail('unreachable');
    assert.deepEqual(new Set(found), new Set(['a', 'b']));
    assert.equal(traffic.openOf(first), 0);
    assert.equal(avoidance.isAvoided(first), true);
  });

  it('does not blame a target that left service meanwhile', (t) => {
    const { look, fail, found, avoidance } = arrange(t, { entries: [endpoints('web', [{ id: 'a', port: 1 }])] });
    look();
    fail('retired');
    assert.deepEqual(found, ['a', 'a']);
    assert.equal(avoidance.isAvoided('a'), false);
  });

  it('goes round again after a pause, less loudly, and gives up in the end', (t) => {
    const { look, fail, found, pass, levels } = arrange(t, { entries: [endpoints('web', [{ id: 'a', port: 1 }])] });
    look();
    fail('unreachable');
    assert.deepEqual(found, ['a'], 'it waits');
    pass(100);
    assert.deepEqual(found, ['a', 'a']);
    fail('unreachable');
    assert.deepEqual(levels(), [40, 20]);
  });

  it('looks the routes up afresh when they change while it waits', (t) => {
    const { look, found, route } = arrange(t, { entries: [endpoints('web', [], { hold: true })] });
    look();
    assert.deepEqual(found, []);
    route([both]);
    assert.equal(found.length, 1);
  });

  it('is refused where the time of the hold is over', (t) => {
    const { look, found, pass } = arrange(t, { entries: [endpoints('web', [], { hold: true })] });
    look();
    pass(30_000);
    assert.deepEqual(found, ['503']);
  });

  it('is refused at once where too many wait', (t) => {
    const { look, found } = arrange(t, { entries: [endpoints('web', [], { hold: true })], room: 0 });
    look();
    assert.deepEqual(found, ['503']);
  });

  it('hears nothing after it left', (t) => {
    const { search, look, found, route, pass } = arrange(t, { entries: [endpoints('web', [], { hold: true })] });
    look();
    search.leave();
    route([both]);
    pass(60_000);
    assert.deepEqual(found, []);
  });

  for (const isDeaf of [false, true]) {
    it(`waits ${isDeaf ? 'as long as in a hold' : 'to the end'} of a pause where its client ${isDeaf ? 'could leave unnoticed' : 'would be heard leaving'}`, (t) => {
      const paused = endpoints('web', [{ id: 'a', port: 1 }], { rules: { pause: { timeout_ms: 600_000, limit: 1 } } });
      const { look, found, pass, route } = arrange(t, { entries: [paused], isDeaf });
      look();
      pass(29_000);
      assert.deepEqual(found, []);
      for (let waited = 0; waited < 500_000; waited += 30_000) pass(30_000);
      assert.deepEqual(found, isDeaf ? ['503'] : []);
      route([both]);
      assert.equal(found.length, 1);
    });
  }

  it('asks again for a login whose hash was forgotten while it waited for its turn', async (t) => {
    const secret = { ref: 'web/service.toml#/proxy/basic_auth/ann', fingerprint: 'f1' };
    const locked = endpoints('web', [{ id: 'a', port: 1 }], { rules: { basic_auth: { ann: secret } } });
    const forgotten = Promise.resolve('unknown' as const);
    const { look, found, route } = arrange(t, { entries: [locked], logins: [forgotten, 'unknown'] });
    look();
    await forgotten;
    await Promise.resolve();
    assert.deepEqual(found, [], 'it waits for the hash');
    route([locked]);
    assert.deepEqual(found, ['a']);
  });
});
