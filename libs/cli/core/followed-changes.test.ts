import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DependencyCondition, dependencyWords, type PlanReply, ServiceName, type ServiceStatus } from '@kedge/shared/contracts';
import { noon } from '../testing/recording-terminal.ts';
import { digestB, releaseB, serviceStatus, web } from '../testing/samples.ts';
import { createFollowedChanges, type PlanLook } from './followed-changes.ts';

const api = ServiceName.parse('api');
const rolling: PlanReply['changes'][number] = { service: web, action: 'roll', reason: 'under way', steps: [] };
const waiting = { code: 'PORT_TAKEN', message: 'taken', since: noon.toISOString(), retryAt: '2026-03-01T12:09:00.000Z', failures: 1 };

interface Seen {
  /** Since the change began. */
  readonly seconds: number;
  readonly services: readonly ServiceStatus[];
  readonly changes?: PlanReply['changes'];
}

/** `other` is waited for, its newest release is barred. */
interface OnBarred {
  readonly asBefore?: boolean;
  readonly other: ServiceStatus;
  readonly code?: string;
  readonly condition: DependencyCondition;
  /** Those that are followed; else with and without the other one. */
  readonly only?: readonly ServiceName[];
}

function seen({ seconds, services, changes = [] }: Seen): PlanLook {
  const now = new Date(noon.getTime() + seconds * 1_000);
  return { status: { services: [...services] }, plan: { changes }, events: [], elapsedMs: seconds * 1_000, now };
}

function follow(...services: readonly ServiceName[]) {
  return followAs({ asBefore: false }, services);
}

function followAs({ asBefore }: { readonly asBefore: boolean }, services: readonly ServiceName[]) {
  const told: string[] = [];
  const changes = createFollowedChanges({
    services,
    begun: noon,
    graceMs: 3_000,
    asBefore,
    tell: (line, { isNews = true } = {}) => isNews && told.push(line),
  });
  return { ...changes, told, lines: () => changes.endings((line) => line).map(({ line }) => line) };
}

describe('followed changes', () => {
  it('says how long a change took that was seen', () => {
    const { judge, areOver, lines } = follow(web);
    judge(seen({ seconds: 1, services: [serviceStatus()], changes: [rolling] }));
    assert.equal(areOver(), false);
    judge(seen({ seconds: 5, services: [serviceStatus()] }));
    assert.deepEqual([areOver(), lines()], [true, ['web is serving aaaaaaaaaaaa after 5 s']]);
  });

  it('claims no time for a service that was at its end all the while', () => {
    const { judge, lines } = follow(web);
    for (const seconds of [1, 5]) judge(seen({ seconds, services: [serviceStatus()] }));
    assert.deepEqual(lines(), ['web is serving aaaaaaaaaaaa']);
  });

  it('does not count what a service waited before its change went on', () => {
    const { judge, lines } = follow(web);
    judge(seen({ seconds: 60, services: [serviceStatus({ phase: 'waiting', waiting })] }));
    judge(seen({ seconds: 62, services: [serviceStatus({ phase: 'rolling' })] }));
    judge(seen({ seconds: 64, services: [serviceStatus()] }));
    assert.deepEqual(lines(), ['web is serving aaaaaaaaaaaa after 4 s']);
  });

  it('tells each news once, and what is left behind what ended', () => {
    const { judge, told, endings } = follow(web, api);
    for (const seconds of [4, 5]) judge(seen({ seconds, services: [serviceStatus()], changes: [rolling] }));
    assert.deepEqual(told, ['web: under way', 'api is removed']);
    assert.deepEqual(
      endings((line, service) => `${service} late: ${line}`).map(({ service, ok, line }) => [service, ok, line]),
      [
        ['api', true, 'api is removed'],
        ['web', false, 'web late: under way'],
      ],
    );
  });

  describe('of a service that depends on another', () => {
    const db = ServiceName.parse('db');
    const failed = serviceStatus({ phase: 'failed', reason: 'exit code 3' });
    const barred = serviceStatus({ barred: [{ release: releaseB, digest: digestB, message: 'exit code 3' }] });
    const why = 'it waits for web (completed), which ended with code 3';
    const dependent = (service: ServiceName, code: string, message = why) =>
      serviceStatus({ service, phase: 'waiting', waiting: { ...waiting, code, message } });
    const onApi = dependent(api, 'DEPENDENCY_FAILED');
    const onDb = dependent(db, 'DEPENDENCY_PENDING', 'it waits for api (started), which waits itself');

    it('ends with that, followed or not, and with what waits for it in turn', () => {
      for (const followed of [
        [web, api, db],
        [api, db],
      ]) {
        const { judge, areOver, endings } = follow(...followed);
        for (const seconds of [2, 4, 5]) judge(seen({ seconds, services: [failed, onApi, onDb] }));
        assert.equal(areOver(), true);
        assert.deepEqual(
          endings((line) => line)
            .slice(-2)
            .map(({ ok, line, advice }) => [ok, line, advice]),
          [
            [false, `api waits: ${why} (DEPENDENCY_FAILED)`, 'Mend web: api goes on by itself when that is there.'],
            [
              false,
              'db waits: it waits for api (started), which waits itself (DEPENDENCY_PENDING)',
              'Mend api: db goes on by itself when that is there.',
            ],
          ],
        );
      }
    });

    describe('that is not followed, and that nobody can have mended just now', () => {
      const retried = { ...waiting, code: 'START_FAILED', message: 'exit code 3', failures: 3 };
      const trying = serviceStatus({ phase: 'failed', reason: 'exit code 3', waiting: retried, replicas: { ready: 0, wanted: 1 } });
      const again = { ...rolling, action: 'create' as const, problem: { code: 'START_FAILED', message: 'exit code 3' } };
      const front = ServiceName.parse('front');
      const none = { replicas: { ready: 0, wanted: 1 } };
      const onFront = dependent(db, 'DEPENDENCY_PENDING', 'it waits for front (healthy), which waits itself');
      const frontOnApi = dependent(front, 'DEPENDENCY_PENDING', 'it waits for api (started), which waits itself');
      const round = dependent(api, 'DEPENDENCY_PENDING', 'it waits for front (healthy), which waits itself');
      for (const [name, services, followed, goesOn] of [
        ['ends while that is tried again and again', [trying, onApi], api, false],
        ['ends where that waits for one that failed', [failed, { ...onApi, ...none }, onDb], db, false],
        ['ends however many wait in between', [failed, { ...onApi, ...none }, { ...frontOnApi, ...none }, onFront], db, false],
        ['goes on where the older release of that runs meanwhile', [failed, onApi, onDb], db, true],
        [
          'goes on where they wait for each other, as an old status may tell',
          [{ ...round, ...none }, { ...frontOnApi, ...none }, onDb],
          db,
          true,
        ],
      ] as const)
        it(name, () => {
          const { judge, areOver, lines } = follow(followed);
          judge(seen({ seconds: 2, services, changes: [again] }));
          assert.equal(areOver(), false, 'it may be told from before');
          judge(seen({ seconds: 4, services, changes: [again] }));
          assert.equal(areOver(), !goesOn);
          assert.match(lines()[0] ?? '', goesOn ? /waiting: / : /^(api|db) waits: it waits for /);
        });
    });

    for (const [name, seconds, other, changes, goesOn] of [
      ['goes on while that is new, and may be told from before', 2, failed, [], true],
      ['goes on while that is on its way', 5, serviceStatus({ phase: 'rolling' }), [rolling], true],
      ['goes on when that is there, and nobody looked since', 5, serviceStatus({ phase: 'completed' }), [], true],
      ['ends while the newest release of that is barred, also where an older one completed', 5, barred, [], false],
    ] as const)
      it(name, () => {
        const { judge, areOver } = follow(api);
        judge(seen({ seconds, services: [other, onApi], changes: [...changes] }));
        assert.equal(areOver(), !goesOn);
      });

    const older = (phase: ServiceStatus['phase'], more: Partial<ServiceStatus> = {}) => ({ ...barred, phase, ...more });
    const inTheWay = { ...waiting, code: 'PORT_TAKEN' };
    for (const [name, { asBefore = false, other, code = 'DEPENDENCY_PENDING', condition, only }, goesOn] of [
      ['goes on, if it has to be healthy', { other: older('serving'), condition: 'healthy' }, true],
      ['goes on, if it has to be started', { other: older('serving'), condition: 'started' }, true],
      ['goes on while that is started again', { other: older('waiting'), condition: 'healthy' }, true],
      ['goes on while that is brought back', { other: older('rolling'), condition: 'healthy' }, true],
      [
        'ends where something is in the way of that',
        { only: [web, api], other: older('waiting', { waiting: inTheWay }), condition: 'healthy' },
        false,
      ],
      ['ends where that is gone', { other: older('stopped'), condition: 'healthy' }, false],
      ['ends if it has to complete', { other: older('completed'), condition: 'completed' }, false],
      ['goes on, if all comes up as before', { asBefore: true, other: older('serving'), condition: 'healthy' }, true],
      ['goes on, if all comes up as before and it completed', { asBefore: true, other: older('completed'), condition: 'completed' }, true],
      [
        'ends if its newest release has to complete after all came up as before',
        { asBefore: true, other: older('completed'), code: 'DEPENDENCY_FAILED', condition: 'completed' },
        false,
      ],
    ] as const satisfies readonly (readonly [string, OnBarred, boolean])[])
      it(`of which only the newest release is barred: ${name}`, () => {
        for (const followed of only ? [only] : [[web, api], [api]]) {
          const { judge, endings } = followAs({ asBefore }, followed);
          const failedBefore = followed.includes(web) && !asBefore;
          if (failedBefore) judge(seen({ seconds: 4, services: [barred, serviceStatus({ service: api, phase: 'waiting' })] }));
          const lacking = dependent(api, code, `${dependencyWords({ service: web, condition })}, which is not there yet`);
          judge(seen({ seconds: 5, services: [other, lacking] }));
          const [line] = endings((each) => each).flatMap(({ service, ok, line }) => (service === api && !ok ? [line] : []));
          assert.equal(line?.startsWith('api waits: ') ?? false, !goesOn);
        }
      });
  });

  describe('of a removal that waits for the service that takes its routes', () => {
    const db = ServiceName.parse('db');
    const why = 'its route web.test/ moves to api when that serves';
    const problem = { code: 'HAND_OVER_PENDING', message: why };
    const handsOverTo = { service: api, reason: why };
    const removal: PlanReply['changes'][number] = {
      service: web,
      action: 'remove',
      reason: 'declared no more',
      steps: [],
      problem,
      handsOverTo,
    };
    const leaving = serviceStatus({ phase: 'removing', reason: `it is declared no more; ${why}`, handsOverTo });
    const failed = { phase: 'failed', reason: 'gate-failed' } as const;
    const end = ({ endings }: Pick<ReturnType<typeof follow>, 'endings'>) =>
      endings((line, service) => `${service} is late: ${line}`).map(({ service, ok, line }) => [service, ok, line]);

    it('waits for it no longer than until that one failed, and says what to do', () => {
      const followed = follow(web, api);
      const rolling = { ...removal, service: api, action: 'roll' as const, problem: undefined };
      followed.judge(
        seen({ seconds: 4, services: [leaving, serviceStatus({ service: api, phase: 'rolling' })], changes: [removal, rolling] }),
      );
      assert.equal(followed.areOver(), false);
      followed.judge(seen({ seconds: 9, services: [leaving, serviceStatus({ service: api, ...failed })], changes: [removal] }));
      assert.equal(followed.areOver(), true);
      assert.deepEqual(end(followed), [
        ['api', false, 'api failed: gate-failed'],
        ['web', false, `web serves on: ${why}`],
      ]);
      assert.equal(followed.endings((line) => line)[1]?.advice, 'Mend api, or declare web again.');
      assert.equal(followed.told.at(-1), `web serves on: ${why}`);
    });

    it('waits for it while that one comes, although another one failed', () => {
      const followed = follow(web, api, db);
      const dbFailed = serviceStatus({ service: db, ...failed });
      followed.judge(
        seen({ seconds: 9, services: [leaving, serviceStatus({ service: api, phase: 'rolling' }), dbFailed], changes: [removal] }),
      );
      followed.judge(seen({ seconds: 10, services: [leaving, serviceStatus({ service: api }), dbFailed], changes: [removal] }));
      assert.equal(followed.areOver(), false);
      followed.judge(seen({ seconds: 11, services: [serviceStatus({ service: api }), dbFailed] }));
      assert.deepEqual(end(followed), [
        ['db', false, 'db failed: gate-failed'],
        ['api', true, 'api is serving aaaaaaaaaaaa after 10 s'],
        ['web', true, 'web is removed after 11 s'],
      ]);
    });

    it('waits for it where nothing failed, also for one that is not part of the change', () => {
      for (const others of [[], [api]]) {
        const followed = follow(web, ...others);
        for (const seconds of [4, 5])
          followed.judge(seen({ seconds, services: [leaving, serviceStatus({ service: api })], changes: [removal] }));
        assert.equal(followed.areOver(), false);
      }
    });

    it('waits for it while that one is given the next try of what stood in its way before', () => {
      const followed = follow(web, api);
      const missing = { ...waiting, code: 'SOURCE_MISSING', since: '2026-03-01T11:50:00.000Z', retryAt: '2026-03-01T12:00:20.000Z' };
      const heir = serviceStatus({ service: api, phase: 'waiting', waiting: missing });
      for (const seconds of [4, 5]) followed.judge(seen({ seconds, services: [leaving, heir], changes: [removal] }));
      assert.equal(followed.areOver(), false);
      followed.judge(seen({ seconds: 21, services: [leaving, { ...heir, waiting: { ...missing, failures: 2 } }], changes: [removal] }));
      assert.deepEqual(end(followed), [
        ['api', false, 'api waits: taken (SOURCE_MISSING)'],
        ['web', false, `web serves on: ${why}`],
      ]);
    });

    it('does not wait for one that failed before the change, and is not part of it', () => {
      const barred = [{ release: releaseB, digest: digestB, message: 'crashed' }];
      for (const heir of [failed, { barred }]) {
        const followed = follow(web);
        const look = (seconds: number) =>
          seen({ seconds, services: [leaving, serviceStatus({ service: api, ...heir })], changes: [removal] });
        followed.judge(look(1));
        assert.equal(followed.areOver(), false, 'it may have been asked to try again');
        followed.judge(look(4));
        assert.deepEqual(end(followed), [['web', false, `web serves on: ${why}`]]);
      }
    });
  });

  it('tells an obstacle once, however often its time changes, and when it is another one', () => {
    const { judge, told, endings } = follow(web);
    const away = (retryAt: string, message = 'away') =>
      serviceStatus({ phase: 'waiting', waiting: { ...waiting, code: 'REGISTRY_ERROR', message, retryAt } });
    judge(seen({ seconds: 1, services: [away('2026-03-01T12:00:31.000Z')] }));
    judge(seen({ seconds: 2, services: [away('2026-03-01T12:00:31.000Z')] }));
    judge(seen({ seconds: 3, services: [away('2026-03-01T12:01:03.000Z')] }));
    judge(seen({ seconds: 4, services: [away('2026-03-01T12:00:14.000Z', 'denied')] }));
    assert.deepEqual(told, [
      'web: waiting: away (REGISTRY_ERROR); next try in 30 s',
      'web: waiting: denied (REGISTRY_ERROR); next try in 10 s',
    ]);
    assert.match(endings((line) => line)[0]?.line ?? '', /denied/);
  });

  it('gives an obstacle from before the next try, and no more', () => {
    const { judge, areOver, lines } = follow(web);
    const missing = (failures: number) =>
      serviceStatus({
        phase: 'waiting',
        waiting: { ...waiting, code: 'SOURCE_MISSING', since: '2026-03-01T11:50:00.000Z', retryAt: '2026-03-01T12:00:20.000Z', failures },
      });
    for (const seconds of [0, 5, 10]) judge(seen({ seconds, services: [missing(3)] }));
    assert.equal(areOver(), false);
    judge(seen({ seconds: 21, services: [missing(4)] }));
    assert.deepEqual([areOver(), lines()], [true, ['web waits: taken (SOURCE_MISSING)']]);
  });
});
